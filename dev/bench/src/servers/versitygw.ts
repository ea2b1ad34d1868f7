/** A compiled S3 server for the extraction that writes objects to disk; ministack keeps them in memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { paths } from '../paths.ts';

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
}

/** S3 keeps connections open. */
const keepAlive = ['--keep-alive'];
/** Skips MD5, which S3 computes on other machines; the ETags are then like those with SSE-KMS. */
const withoutMd5 = ['--data-integrity-etag'];

/** Uses the credentials of the environment. @throws if it does not answer within ten seconds. */
export async function startVersitygw(env: Readonly<Record<string, string>>): Promise<S3Server> {
  const folder = `${paths.work}/versitygw`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const child = spawn(
    paths.versitygw,
    ['--port', `127.0.0.1:${String(port)}`, '--region', env['AWS_REGION'] ?? ''].concat([
      '--quiet',
      ...keepAlive,
      'posix',
      ...withoutMd5,
      folder,
    ]),
    {
      stdio: 'ignore',
      // Not in the arguments, which other users can read.
      env: {
        PATH: env['PATH'] ?? '',
        ROOT_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] ?? '',
        ROOT_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    },
  );
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + 10_000;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`${paths.versitygw} does not answer at ${endpoint}`);
    }
    await delay(50);
  }
  return { endpoint, [Symbol.asyncDispose]: stop };
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
