import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { validate } from '@user-behaviour/source/config';
import { expect, it } from 'vitest';
import { healthChecks } from './checks.ts';
import { variables } from './config.ts';

/** An ErrorResponse of PostgreSQL's protocol. */
function refusal(message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C57P03\0M${message}\0\0`;
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + Buffer.byteLength(fields));
  return Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)]);
}

it('waits for a source that resumes, as a paused Aurora does, longer than a job', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    void sleep(17_000).then(() => socket.end(refusal('the database system is starting up')));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const environment = {
    PIPELINE_BUCKET: 'stages',
    AWS_REGION: 'eu-west-1',
    SOURCE_DATABASE_URL: `postgres://reader:pw@127.0.0.1:${String(port)}/shop`,
  };
  await using health = healthChecks(readConfiguration(variables, environment, validate));
  try {
    const connection = health.checks.find(({ name }) => name === 'source: connection');
    await expect(connection?.run()).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('the database system is starting up') as string,
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}, 60_000);
