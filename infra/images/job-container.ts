/** Runs the image of a job, or the operator's, in a confined container with only the given variables. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { env as own } from 'node:process';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { type Ended, type Running, running } from '@user-behaviour/testkit/running-job';
import { docker } from './docker.ts';

/** What has an image. */
export type Program = JobName | 'capture-purchases' | 'operator';

export type Variables = Readonly<Record<string, string>>;

/** The confinement that the documentation recommends, with the memory that every job needs without Parquet, including swap. */
export const confinement = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--memory=256m',
  '--memory-swap=256m',
];

export interface JobContainer extends Running, AsyncDisposable {
  /** `docker stop`: SIGTERM, then SIGKILL after longer than the job's own grace period. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the image as built by `nx run <program>:image`. It uses the host's network, because the test servers
 * listen on the loopback address. Values are passed in Docker's environment: a command line is public.
 */
export function startImage(
  program: Program,
  env: Variables,
  argv: readonly string[],
  options: readonly string[] = [],
): JobContainer {
  const name = `test-${program}-${randomBytes(4).toString('hex')}`;
  const args = [
    ...['run', '--rm', `--name=${name}`, '--pull=never', '--network=host', ...confinement],
    ...options,
    ...Object.keys(env).map((variable) => `--env=${variable}`),
    `${program}:latest`,
    ...(program === 'operator' ? [] : ['--log-format=json']),
    ...argv,
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

export async function runImage(
  program: Program,
  env: Variables,
  ...argv: string[]
): Promise<Ended> {
  await using container = startImage(program, env, argv);
  return await container.ended;
}

/** The output of this script in the program's image, with its confinement. */
export const evaluated = (program: Program, script: string): Promise<string> =>
  docker(
    ...['run', '--rm', '--pull=never', ...confinement, '--entrypoint=/usr/local/bin/node'],
    ...[`${program}:latest`, '--eval', script],
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

/** The result of `docker image inspect`. @throws if there is no such image. */
export async function inspected(image: string): Promise<Image> {
  const [found] = JSON.parse(await docker('image', 'inspect', image)) as [Image];
  return found;
}

/** The commands of the image's layers, newest first. */
export const history = async (image: string): Promise<readonly string[]> =>
  (await docker('history', '--no-trunc', '--format={{json .CreatedBy}}', image)).trim().split('\n');
