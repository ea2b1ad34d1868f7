import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Answer, startFront } from './front.ts';
import { emptyRecording } from './recording.ts';

/** A server that replies with what it received; a path that begins with /refused gets 400. */
async function startEcho() {
  const server = createServer((incoming: IncomingMessage, response) => {
    void (async () => {
      const { method, url = '', headers } = incoming;
      const body = (await buffer(incoming)).toString();
      response.writeHead(url.startsWith('/refused') ? 400 : 200, { 'x-amz-request-id': 'r1' });
      response.end(JSON.stringify({ method, url, host: headers.host, body }));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    target: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const call = (url: string, init: RequestInit, headers?: Readonly<Record<string, string>>) =>
  fetch(url, { ...init, headers: { ...headers, 'user-agent': 'aws-sdk-js/3 app/some-job' } });

describe('a front', () => {
  it('passes a call on with its host, which is signed, and records whose it is', async () => {
    await using echo = await startEcho();
    const recording = emptyRecording();
    await using front = await startFront({ ...echo, service: 's3', latency: 0, recording });
    const response = await call(`${front.url}/bucket/key?uploads`, { method: 'PUT', body: 'csv' });
    expect(response.headers.get('x-amz-request-id')).toBe('r1');
    expect(await response.json()).toEqual({
      method: 'PUT',
      url: '/bucket/key?uploads',
      host: new URL(front.url).host,
      body: 'csv',
    });
    expect(recording.calls).toMatchObject([{ service: 's3', job: 'some-job', operation: 'PUT' }]);
    expect(recording.waits).toMatchObject([{ kind: 's3', job: 'some-job' }]);
  });

  it('lets the answer change a reply, but no error', async () => {
    await using echo = await startEcho();
    const recording = emptyRecording();
    const answer: Answer = ({ operation, request }) =>
      Promise.resolve({ Operation: operation, Given: request });
    const options = { ...echo, service: 'emr', latency: 0, recording, answer } as const;
    await using front = await startFront(options);
    const headers = { 'x-amz-target': 'ElasticMapReduce.DescribeStep' };
    const init = { method: 'POST', body: '{"StepId":"s-1"}' };
    expect(await (await call(front.url, init, headers)).json()).toEqual({
      Operation: 'DescribeStep',
      Given: { StepId: 's-1' },
    });
    const refused = await call(`${front.url}/refused`, init, headers);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ body: '{"StepId":"s-1"}' });
    expect(recording.calls.map(({ operation }) => operation)).toEqual([
      'DescribeStep',
      'DescribeStep',
    ]);
  });
});
