/** The order of the jobs: extract-purchases beside stage-reviews → emr-clean, then redshift-load. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { JobName } from './job-command.ts';
import type { JobResult } from './job-process.ts';

export type StartJob = (job: JobName, days: readonly Ds[]) => Promise<JobResult>;

export type ChainResult = Readonly<Partial<Record<JobName, JobResult>>>;

/** A job that failed for every day leaves nothing for the next one to do. */
const hopeless = (result: JobResult): boolean =>
  result.exit !== 0 && result.days.every(({ exit }) => exit !== 0);

/** Runs all four jobs for the days. Later jobs go on with the days that earlier ones could do. */
export async function runChain(days: readonly Ds[], start: StartJob): Promise<ChainResult> {
  const reviews = async (): Promise<ChainResult> => {
    const stage = await start('stage-reviews', days);
    if (hopeless(stage)) return { 'stage-reviews': stage };
    return { 'stage-reviews': stage, 'emr-clean': await start('emr-clean', days) };
  };
  const [extract, branch] = await Promise.all([start('extract-purchases', days), reviews()]);
  const upstream: ChainResult = { 'extract-purchases': extract, ...branch };
  const clean = branch['emr-clean'];
  if (hopeless(extract) || clean === undefined || hopeless(clean)) return upstream;
  return { ...upstream, 'redshift-load': await start('redshift-load', days) };
}
