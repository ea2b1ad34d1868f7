/** Reads what there is of a range of days, and plans what the jobs would do of each. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { historyOf, operatorConfiguration } from '../config.ts';
import { partialUntil } from '@user-behaviour/shared/manifest/partial-day';
import { type DayFacts, readDays } from '../facts/day-facts.ts';
import { parseRunner, requireJobs } from '../run/job-command.ts';
import { applyDependsOnPast } from '../run/depends-on-past.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import { type DayPlan, forced, isDue, planDay } from './day-plan.ts';
import { readDaySettings } from './day-settings.ts';
import { askJob, readSettings } from './job-settings.ts';
import {
  atSource,
  capturedVerdict,
  readCapturedChanges,
  tellCaptured,
} from './captured-changes.ts';
import { lookAtSource, lookTotals } from './source-look.ts';

export interface PlanOptions {
  readonly dependsOnPast: boolean;
  /** Leaves out the days of which nothing is known to be missing or stale. */
  readonly onlyDue?: boolean;
  /** The jobs will do every day, current or not. */
  readonly force?: boolean;
  /** Compares the source with what is published. */
  readonly look?: boolean;
}

/** `days` are neighbours, in ascending order. */
export async function readPlans(
  days: readonly Ds[],
  { dependsOnPast, onlyDue = false, force = false, look = false }: PlanOptions,
  shell: Pick<Shell, 'env' | 'report' | 'stopSignal'>,
): Promise<readonly DayPlan[]> {
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) return [];
  await requireLocalCloud(shell.env);
  const runner = parseRunner(shell.env['RUNNER']);
  await requireJobs(runner);
  const [settingsOf, facts, looked, captured] = await Promise.all([
    readSettings(days, await readDaySettings(shell.env), askJob(runner, shell.stopSignal())),
    readDays(operatorConfiguration(shell.env), { from: previousDs(from), to }),
    look ? lookAtSource(days, runner, shell.stopSignal()) : [],
    readCapturedChanges(operatorConfiguration(shell.env), shell.report),
  ]);
  if (look) shell.report(lookTotals(looked));
  const until = tellCaptured(captured, new Date());
  if (until !== undefined) shell.report(until);
  const verdicts = new Map(looked.map(({ ds, verdict }) => [ds, verdict]));
  const planned = facts.slice(1).map((day) => {
    const settings = settingsOf(day.ds);
    const verdict = atSource(verdicts.get(day.ds), capturedVerdict(captured, day));
    return planDay({ ...day, atSource: verdict }, settings);
  });
  const plans = force ? planned.map(forced) : planned;
  // A day that is loaded and current needs nothing, even if the day before is missing.
  const wanted = onlyDue ? plans.filter(isDue) : plans;
  if (!dependsOnPast) return wanted;
  const loaded = new Set(facts.flatMap(({ ds, ledger }) => (ledger === undefined ? [] : [ds])));
  const partial = new Set(facts.flatMap(({ ds, ledger }) => (ledger?.completeUntil ? [ds] : [])));
  const complete = new Set(facts.flatMap((day) => (hasWholePurchases(day) ? [day.ds] : [])));
  const historyStart = historyOf(shell.env, new Date()).start;
  return applyDependsOnPast(wanted, { loaded, partial, complete, historyStart });
}

function hasWholePurchases({ published }: DayFacts): boolean {
  const found = published.get('user_purchase/stage');
  return found !== undefined && partialUntil(found.manifest) === undefined;
}
