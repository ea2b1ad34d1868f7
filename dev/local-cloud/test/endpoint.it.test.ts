/** One endpoint as a container runs it: a program in the foreground, S3 elsewhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DeleteBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { startLocalCloud } from '../src/local-cloud.ts';
import { answersOk } from '../src/supervisor/service.ts';
import { choosePorts } from '../src/ports.ts';
import { eventually, s3Client, scratchFolder } from './scratch.ts';

const program = join(import.meta.dirname, '../src/endpoint/endpoint-process.ts');

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const told = text(child.stderr);
  const ended = once(child, 'close').then(async ([code]: unknown[]) => ({ code, log: await told }));
  return {
    ended,
    terminate: () => child.kill('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('an endpoint alone', () => {
  it('serves every address, makes the bucket, and ends with 0 when asked to', async () => {
    await using folder = await scratchFolder();
    await using cloud = await startLocalCloud({
      stateDir: join(folder.path, 'cloud'),
      parts: ['s3'],
      ports: {},
    });
    const s3 = s3Client(cloud.env);
    const Bucket = cloud.env['PIPELINE_BUCKET'];
    await s3.send(new DeleteBucketCommand({ Bucket }));
    const { redshift: port } = await choosePorts(['redshift'], {}, {});
    await using endpoint = start([
      'redshift',
      '--host=0.0.0.0',
      `--port=${port}`,
      `--s3=${cloud.env['AWS_ENDPOINT_URL_S3'] ?? ''}`,
      `--state=${join(folder.path, 'state')}`,
    ]);
    const url = `http://127.0.0.1:${port}`;
    await eventually('the endpoint', async () => (await answersOk(`${url}/health`)) || undefined);
    await s3.send(new HeadBucketCommand({ Bucket }));
    const client = new RedshiftDataClient({
      endpoint: url,
      region: cloud.env['AWS_REGION'] ?? '',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const statement = { WorkgroupName: 'local', Database: 'dev', Sql: 'select 1' };
    expect((await client.send(new ExecuteStatementCommand(statement))).Id).toBeDefined();
    endpoint.terminate();
    const { code, log } = await endpoint.ended;
    expect(code).toBe(0);
    expect(log).toContain(`redshift listens on http://0.0.0.0:${port}`);
    expect(log).toContain('SIGTERM: ending');
  });

  it.each([
    [['athena', '--port=1', '--s3=http://s3'], 'expected one of emr and redshift'],
    [['emr', '--s3=http://s3'], 'expected --port'],
    [['emr', '--port=70000', '--s3=http://s3'], 'expected --port'],
    [['emr', '--port=4567'], 'expected --s3'],
    [['emr', '--prot=4567'], '--prot'],
  ])('ends with 64 for %j', async (args, told) => {
    await using endpoint = start(args);
    const { code, log } = await endpoint.ended;
    expect(code).toBe(64);
    expect(log).toContain(told);
  });
});
