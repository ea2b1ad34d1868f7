/** Runs the jobs in the order that the pipeline declares: a stage starts when all that it reads has been tried. */
import type { Ds } from '@user-behaviour/shared/ds';
import { isDone } from '@user-behaviour/shared/failure';
import { type JobName, pipeline, type Stage, upstreamJobs } from '@user-behaviour/shared/pipeline';
import type { JobResult } from './job-process.ts';

export type StartJob = (job: JobName, days: readonly Ds[]) => Promise<JobResult>;

/** The jobs that were started. */
export type ChainResult = Readonly<Partial<Record<JobName, JobResult>>>;

/** A job that failed for every day leaves nothing to do for the stages that read from it. */
const failedForAll = (result: JobResult): boolean =>
  !isDone(result.exit) && result.days.every(({ exit }) => exit !== 0);

/**
 * Runs all jobs for the days. Stages that do not depend on each other run at the same time, and a stage
 * goes on with the days that its upstream stages could do.
 */
export async function runChain(days: readonly Ds[], start: StartJob): Promise<ChainResult> {
  const results = new Map<JobName, Promise<JobResult | undefined>>();
  const run = async (stage: Stage & { readonly name: JobName }) => {
    const upstream = await Promise.all(
      upstreamJobs(stage).map(async (job) => await results.get(job)),
    );
    const canRun = upstream.every((result) => result !== undefined && !failedForAll(result));
    return canRun ? start(stage.name, days) : undefined;
  };
  for (const stage of pipeline) results.set(stage.name, run(stage));
  const ended = await Promise.all(
    [...results].map(async ([job, result]) => [job, await result] as const),
  );
  return Object.fromEntries(ended.filter(([, result]) => result !== undefined));
}
