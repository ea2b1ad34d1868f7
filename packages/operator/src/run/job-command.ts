/** What starts a job here: Node with its bundle, or its image. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isBundle } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { imageCommand } from './image-command.ts';

/** A program to start with this process's standard error. */
export interface JobCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export type Runner = 'node' | 'docker';

/** `RUNNER`; Node where it is not set. @throws Failure for any other name. */
export function parseRunner(name: string | undefined): Runner {
  if (name === undefined || name === '' || name === 'node') return 'node';
  if (name === 'docker') return name;
  throw new Failure('usage', `RUNNER=${name} is unknown: expected node or docker`);
}

/** Mebibytes; V8's own choice lets a process of many small buffers grow to twice the memory. */
const nodeOptions = ['--max-semi-space-size=8'];

/** In the operator's image, the jobs are beside it: tools/image.mjs. */
const bundleOf = (job: JobName): string =>
  isBundle()
    ? join(import.meta.dirname, 'jobs', job, 'main.mjs')
    : join(import.meta.dirname, '../../..', job, 'dist/main.mjs');

/** @throws Failure when the job's image is not there. */
export async function jobCommand(
  runner: Runner,
  job: JobName,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<JobCommand> {
  if (runner === 'docker') return imageCommand(job, args, environment);
  return {
    file: process.execPath,
    args: [...nodeOptions, bundleOf(job), ...args],
    env: environment,
  };
}

/**
 * Before anything is started: a chain that lacks an image or a bundle would end in its middle.
 *
 * @throws Failure for the first one. `hasBundle` tells whether a bundle is there.
 */
export async function requireJobs(runner: Runner, hasBundle = existsSync): Promise<void> {
  for (const job of jobs) {
    await jobCommand(runner, job, []);
    if (runner === 'docker' || hasBundle(bundleOf(job))) continue;
    throw new Failure('configuration', `${job} is not bundled: ${bundleOf(job)} is missing`, {
      action: 'run make bundle',
    });
  }
}
