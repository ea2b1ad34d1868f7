/** A job's image in a container: shut in as an operator would, with nothing but the given variables. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { env as own } from 'node:process';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { type Ended, type Running, running } from '@user-behaviour/testkit/running-job';
import { docker } from './docker.ts';

export type Variables = Readonly<Record<string, string>>;

/** How the documentation has a job run; the 256 MB are all, for there is no swap beyond them. */
export const confinement = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--memory=256m',
  '--memory-swap=256m',
];

export interface JobContainer extends Running, AsyncDisposable {
  /** `docker stop`: SIGTERM, and SIGKILL only after more than the job's own grace. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the image as built by `nx run <job>:image`. The servers of the tests listen on the loopback
 * address, hence the host's network. Values go by Docker's environment: a command line can be read.
 */
export function startImage(
  job: JobName,
  env: Variables,
  argv: readonly string[],
  options: readonly string[] = [],
): JobContainer {
  const name = `test-${job}-${randomBytes(4).toString('hex')}`;
  const args = [
    ...['run', '--rm', `--name=${name}`, '--pull=never', '--network=host', ...confinement],
    ...options,
    ...Object.keys(env).map((variable) => `--env=${variable}`),
    ...[`${job}:latest`, '--log-format=json', ...argv],
  ];
  const child = spawn('docker', args, {
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    ...running(child),
    stop: async () => {
      await docker('stop', '--time=60', name);
    },
    [Symbol.asyncDispose]: async () => {
      await docker('rm', '--force', name).catch(() => undefined);
    },
  };
}

export async function runImage(job: JobName, env: Variables, ...argv: string[]): Promise<Ended> {
  await using container = startImage(job, env, argv);
  return await container.ended;
}

/** What Node prints that runs this script in the job's image, shut in as the job. */
export const evaluated = (job: JobName, script: string): Promise<string> =>
  docker(
    ...['run', '--rm', '--pull=never', ...confinement, '--entrypoint=/usr/local/bin/node'],
    ...[`${job}:latest`, '--eval', script],
  );

interface Image {
  /** Bytes of all layers. */
  readonly Size: number;
  readonly Config: {
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
    readonly [more: string]: unknown;
  };
}

/** What `docker image inspect` has of it. @throws when it is not there. */
export async function inspected(image: string): Promise<Image> {
  const [found] = JSON.parse(await docker('image', 'inspect', image)) as [Image];
  return found;
}

/** The commands of the image's layers, the newest first. */
export const history = async (image: string): Promise<readonly string[]> =>
  (await docker('history', '--no-trunc', '--format={{json .CreatedBy}}', image)).trim().split('\n');
