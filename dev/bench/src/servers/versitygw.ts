/** Another S3 server for the extraction: compiled, and flat in memory, where ministack holds objects. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { places } from '../places.ts';

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
}

/** S3 keeps connections open. */
const likeS3 = ['--keep-alive'];
/** No MD5 of what is sent, which S3 would make on other machines: its ETags are then as with SSE-KMS. */
const light = ['--data-integrity-etag'];

/** With the credentials of the environment. @throws when it does not answer within ten seconds. */
export async function startVersitygw(env: Readonly<Record<string, string>>): Promise<S3Server> {
  const folder = `${places.work}/versitygw`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const access = env['AWS_ACCESS_KEY_ID'] ?? '';
  const child = spawn(
    places.versitygw,
    ['--port', `127.0.0.1:${String(port)}`, '--access', access]
      .concat(['--secret', env['AWS_SECRET_ACCESS_KEY'] ?? '', '--region', env['AWS_REGION'] ?? ''])
      .concat(['--quiet', ...likeS3, 'posix', ...light, folder]),
    { stdio: 'ignore', env: { PATH: env['PATH'] ?? '' } },
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
      throw new Error(`${places.versitygw} does not answer at ${endpoint}`);
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
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
