/** What shapes the jobs' results, asked of the jobs themselves: the dry run of any one day tells. */
import { failureKinds, Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { Settings } from './day-plan.ts';
import { jobCommand, type JobName, type Runner } from '../run/job-command.ts';
import { runJobProcess } from '../run/job-process.ts';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const shaping = ['extract-purchases', 'stage-reviews', 'emr-clean'] as const;

/** @throws Failure when a job's dry run fails, as it does where its configuration is wrong. */
export async function readSettings(runner: Runner, signal: AbortSignal): Promise<Settings> {
  const told = await Promise.all(
    shaping.map(async (job) => [job, await parametersOf(job, runner, signal)] as const),
  );
  return { ...Object.fromEntries(told), 'redshift-load': {} } as Settings;
}

async function parametersOf(job: JobName, runner: Runner, signal: AbortSignal) {
  const args = ['--ds=2010-12-01', '--dry-run', '--log-format=pretty'];
  const { exit, days } = await runJobProcess(await jobCommand(runner, job, args), signal);
  if (exit === 0) return parameters.parse(days[0]?.['parameters']);
  const kinds = Object.entries(failureKinds) as [keyof typeof failureKinds, { exit: number }][];
  const kind = kinds.find(([, known]) => known.exit === exit)?.[0] ?? 'bug';
  throw new Failure(kind, `${job} --dry-run ended with exit ${String(exit)}; its reason is above`);
}
