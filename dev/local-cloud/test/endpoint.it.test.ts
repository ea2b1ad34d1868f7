/** What the programs of all emulators have in common: arguments, the bucket, and how they end. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DeleteBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { startLocalCloud } from '../src/local-cloud.ts';
import { choosePorts } from '../src/ports.ts';
import { answersOk } from '../src/supervisor/service.ts';
import { patience, s3Client, scratchFolder } from './scratch.ts';

const program = new URL('./tiny-endpoint.ts', import.meta.url);

const anyKeys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

function start(args: readonly string[], env: Readonly<Record<string, string>> = anyKeys) {
  const child = fork(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const output = child.stderr === null ? '' : text(child.stderr);
  // Not `close`, which does not follow a disconnect.
  const ended = once(child, 'exit').then(async ([code]: unknown[]) => ({
    code,
    log: await output,
  }));
  return {
    child,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function startListening(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { emr: port } = await choosePorts(['emr'], {}, {});
  // It is killed, so it must not make a temporary folder.
  const place = [`--port=${port}`, '--s3=http://127.0.0.1:1', '--state=/none'];
  const endpoint = start([...place, ...args], env);
  const health = `http://127.0.0.1:${port}/health`;
  await vi.waitUntil(() => answersOk(health), patience);
  return { ...endpoint, port };
}

describe('the program of an emulator', () => {
  it('creates the bucket only with --make-bucket', async () => {
    await using folder = await scratchFolder();
    await using cloud = await startLocalCloud({
      stateDir: folder.path,
      services: ['s3'],
      ports: {},
    });
    const s3 = s3Client(cloud.env);
    const Bucket = cloud.env['PIPELINE_BUCKET'];
    await s3.send(new DeleteBucketCommand({ Bucket }));
    const address = `--s3=${cloud.env['AWS_ENDPOINT_URL_S3'] ?? ''}`;
    const head = new HeadBucketCommand({ Bucket });
    const alone = await startListening([address], cloud.env);
    await alone[Symbol.asyncDispose]();
    await expect(s3.send(head)).rejects.toMatchObject({ name: 'NotFound' });
    const maker = await startListening([address, '--make-bucket'], cloud.env);
    await maker[Symbol.asyncDispose]();
    await s3.send(head);
  });

  it('listens on the given host, and exits with 0 on SIGTERM', async () => {
    await using endpoint = await startListening(['--host=0.0.0.0']);
    endpoint.child.kill('SIGTERM');
    const { code, log } = await endpoint.ended;
    expect(code).toBe(0);
    expect(log).toContain(`tiny listens on http://0.0.0.0:${endpoint.port}`);
    expect(log).toContain('SIGTERM: stopping');
  });

  it('exits with 0 when its supervisor is gone', async () => {
    await using endpoint = await startListening([]);
    endpoint.child.disconnect();
    const { code, log } = await endpoint.ended;
    expect(code).toBe(0);
    expect(log).toContain('the supervisor is gone: stopping');
  });

  it.each<[number, string, readonly string[], Readonly<Record<string, string>>]>([
    [64, 'expected --port', ['--port=x'], {}],
    [64, 'AWS_SECRET_ACCESS_KEY are not set', [], { ...anyKeys, AWS_SECRET_ACCESS_KEY: '' }],
    [
      78,
      'there is no Java. Run: make',
      ['--port=1', '--s3=http://127.0.0.1:1'],
      { ...anyKeys, TINY_LACKS: 'there is no Java' },
    ],
    [
      1,
      'could not create the bucket',
      ['--port=1', '--s3=http://127.0.0.1:1', '--make-bucket'],
      anyKeys,
    ],
  ])('exits with %i and says %j', async (expected, message, args, env) => {
    await using endpoint = start(args, env);
    const { code, log } = await endpoint.ended;
    expect(code).toBe(expected);
    expect(log).toContain(message);
  });
});
