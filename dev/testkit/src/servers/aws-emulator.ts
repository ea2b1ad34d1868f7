/** ministack with all of its services, for what deploys to AWS. The jobs' tests use the local cloud instead. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPython } from '@user-behaviour/local-cloud/installation';

/** Of every answer of ministack. */
const account = '000000000000';
const region = 'us-east-1';
const startTime = 60_000;

export interface AwsEmulator extends AsyncDisposable {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What points the AWS SDK and the CDK CLI to it, and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Changes settings of the running server, e.g. the mocked results of state machines. */
  readonly configure: (settings: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Resolves when it answers. Its data is in memory and ends with it. @throws if it does not start. */
export async function startAwsEmulator(): Promise<AwsEmulator> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'aws-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const server = spawn(defaultPython, ['-m', 'ministack'], {
    cwd: folder.path,
    env: {
      PATH: env['PATH'],
      HOME: folder.path,
      TMPDIR: folder.path,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_REGION: region,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-20_000)));
  }
  const dispose = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      // It has nothing to keep, and waits for open connections on SIGTERM.
      server.kill('SIGKILL');
      await ended;
    }
    await folder.remove();
  };
  const deadline = Date.now() + startTime;
  while (!(await answers(endpoint))) {
    if (server.exitCode === null && Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    await dispose();
    throw new Error(`ministack did not start:\n${log}`);
  }
  return {
    endpoint,
    account,
    region,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(folder.path, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder.path, 'no-credentials'),
    },
    configure: async (settings) => {
      const answer = await fetch(`${endpoint}/_ministack/config`, {
        method: 'POST',
        body: JSON.stringify(settings),
      });
      const { applied } = (await answer.json()) as { applied: Record<string, unknown> };
      const refused = Object.keys(settings).filter((name) => !(name in applied));
      if (refused.length > 0) throw new Error(`ministack took no ${refused.join(', ')}`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
