/** What shapes the jobs' results with today's settings: each job's dry run says it, for any one day. */
import { Failure, kindOfExit } from '@user-behaviour/shared/failure';
import type { Parameters } from '@user-behaviour/shared/manifest/staleness';
import { type JobName, pipeline } from '@user-behaviour/shared/pipeline';
import * as z from 'zod';
import { jobCommand, type Runner } from '../run/job-command.ts';
import { runJobProcess } from '../run/job-process.ts';
import type { Settings } from './day-plan.ts';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** @throws Failure when a job's dry run fails, as it does when its configuration is wrong. */
export async function readSettings(runner: Runner, signal: AbortSignal): Promise<Settings> {
  const settings = await Promise.all(
    pipeline.map(async ({ name, shapedBy }) => {
      const isShaped = shapedBy.length > 0;
      return [name, isShaped ? await parametersOf(name, runner, signal) : {}] as const;
    }),
  );
  return Object.fromEntries(settings) as Settings;
}

/** @throws Failure when the job's dry run fails. */
export async function parametersOf(
  job: JobName,
  runner: Runner,
  signal: AbortSignal,
): Promise<Parameters> {
  const args = ['--ds=2010-12-01', '--dry-run', '--log-format=pretty'];
  const { exit, days } = await runJobProcess(await jobCommand(runner, job, args), signal);
  if (exit === 0) return parameters.parse(days[0]?.['parameters']);
  throw new Failure(
    kindOfExit(exit),
    `${job} --dry-run ended with exit ${String(exit)}; its reason is above`,
  );
}
