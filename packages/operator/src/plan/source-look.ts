/**
 * A look at the source of the purchases: `extract-purchases --look` compares days with what is published. The job
 * has the rights and the secret of the source, so the operator needs neither.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure, kindOfExit } from '@user-behaviour/shared/failure';
import { type SourceVerdict, sourceVerdicts } from '@user-behaviour/shared/manifest/source-state';
import * as z from 'zod';
import { jobCommand, type Runner } from '../run/job-command.ts';
import { type JobResult, runJobProcess } from '../run/job-process.ts';

const digest = z.object({ rows: z.number(), hash: z.string() });

/** The summary line of a day that was looked at. */
const looked = digest.extend({
  ds: z.string().transform((text) => text as Ds),
  status: z.literal('looked'),
  verdict: z.enum(sourceVerdicts),
  published: digest.optional(),
});

export type LookedDay = z.infer<typeof looked>;

/**
 * `days` are neighbours, ascending. A day with an unreadable manifest is left out: plans say so anyway.
 * @throws Failure if the job could not look at any day.
 */
export async function lookAtSource(
  days: readonly Ds[],
  runner: Runner,
  signal: AbortSignal,
): Promise<readonly LookedDay[]> {
  const range = [`--ds=${days[0] ?? ''}`, `--through=${days.at(-1) ?? ''}`];
  const command = await jobCommand(runner, 'extract-purchases', [
    '--look',
    ...range,
    '--log-format=pretty',
  ]);
  return lookedDays(await runJobProcess(command, signal));
}

export function lookedDays({ exit, days }: JobResult): readonly LookedDay[] {
  const found = days.flatMap((day) => {
    const { data } = looked.safeParse(day);
    return data === undefined ? [] : [data];
  });
  if (found.length > 0 || exit === 0) return found;
  throw new Failure(
    kindOfExit(exit),
    `extract-purchases --look ended with exit ${String(exit)}; its reason is above`,
  );
}

/** For people: how many days differ, and why some cannot tell. */
export function lookTotals(days: readonly LookedDay[]): string {
  const count = (verdict: SourceVerdict) => days.filter((day) => day.verdict === verdict).length;
  const totals = `${String(days.length)} day${days.length === 1 ? '' : 's'} looked at: ${String(count('changed'))} changed at the source, ${String(count('same'))} the same, ${String(count('missing'))} not published`;
  const unknown = count('unknown');
  return unknown === 0
    ? totals
    : `${totals}, ${String(unknown)} unknown: published without a digest, by an older release or from another version of PostgreSQL; backfill them once`;
}
