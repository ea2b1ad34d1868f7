/** What shapes the jobs' results with today's settings: each job's dry run says it. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure, kindOfExit } from '@user-behaviour/shared/failure';
import type { Parameters } from '@user-behaviour/shared/manifest/staleness';
import { type JobName, pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import * as z from 'zod';
import { jobCommand, type Runner } from '../run/job-command.ts';
import { runJobProcess } from '../run/job-process.ts';
import type { Settings } from './day-plan.ts';
import type { DaySettings } from './day-settings.ts';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Dry runs of one job at a time. */
const atOnce = 2;

export type AskJob = (job: JobName, ds: Ds) => Promise<Parameters>;

/**
 * Asks each job for one of the days that have the same variables and rules: without rules, for one day in all.
 *
 * @throws Failure when a job's dry run fails, as it does when its configuration is wrong.
 */
export async function readSettings(
  days: readonly Ds[],
  { of }: Pick<DaySettings, 'of'>,
  ask: AskJob,
): Promise<(ds: Ds) => Settings> {
  const jobs = pipeline.map(({ name, shapedBy }: Stage) => {
    const keyOf = (ds: Ds) => JSON.stringify(shapedBy.map((parameter) => of(ds)[parameter]));
    return { name: name as JobName, isShaped: shapedBy.length > 0, keyOf };
  });
  const answers = new Map<string, Parameters>();
  await Promise.all(
    jobs.map(async ({ name, isShaped, keyOf }) => {
      const alike = isShaped ? [...Map.groupBy(days, keyOf)] : [];
      await mapConcurrently(atOnce, alike, async ([key, [ds]]) => {
        if (ds !== undefined) answers.set(`${name} ${key}`, await ask(name, ds));
      });
    }),
  );
  return (ds) =>
    Object.fromEntries(
      jobs.map(({ name, keyOf }) => [name, answers.get(`${name} ${keyOf(ds)}`) ?? {}]),
    ) as Settings;
}

/** Starts the job's bundle or image. */
export const askJob =
  (runner: Runner, signal: AbortSignal): AskJob =>
  async (job, ds) => {
    const args = [`--ds=${ds}`, '--dry-run', '--log-format=pretty'];
    const { exit, days } = await runJobProcess(await jobCommand(runner, job, args), signal);
    if (exit === 0) return parameters.parse(days[0]?.['parameters']);
    throw new Failure(
      kindOfExit(exit),
      `${job} --dry-run ended with exit ${String(exit)}; its reason is above`,
    );
  };
