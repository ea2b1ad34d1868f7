/** Whether the last days are in and as they should be. Reads only. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { captureMaxAge, historyOf, operatorConfiguration } from '../config.ts';
import { readDays } from '../facts/day-facts.ts';
import { recordsIfReadable } from '../facts/run-records.ts';
import { readCapturedChanges } from '../plan/captured-changes.ts';
import { readDaySettings } from '../plan/day-settings.ts';
import { verdict } from '../plan/status.ts';
import type { Shell } from '../shell.ts';
import { captureFindings } from './capture-findings.ts';
import { dayFindings, type Due } from './day-findings.ts';
import { type Finding, inOrder } from './finding.ts';
import { qualityFindings } from './quality-rules.ts';

export interface Health {
  readonly checkedAt: Date;
  /** The days of history that were looked at, in ascending order, with their states. */
  readonly days: readonly { readonly ds: Ds; readonly state: string }[];
  /** Errors first. */
  readonly findings: readonly Finding[];
}

export interface Question {
  readonly now: Date;
  readonly due: Due;
  /** How many days, the last of them the last day of history. */
  readonly days: number;
}

/** Goes on without the records of runs if they cannot be read, and reports so. @throws Failure if the bucket, the warehouse or the settings cannot be read. */
export async function checkHealth(
  { env: environment, report }: Pick<Shell, 'env' | 'report'>,
  { now, due, days: count }: Question,
): Promise<Health> {
  const configuration = operatorConfiguration(environment);
  const { start, end } = historyOf(environment, now);
  let from = end;
  for (let day = 1; day < count && from > start; day += 1) from = previousDs(from);
  const maxAge = captureMaxAge(environment);
  const [settings, facts, captured] = await Promise.all([
    readDaySettings(environment),
    readDays(configuration, { from, to: end }, (where) =>
      recordsIfReadable(where, { from, to: end }, report),
    ),
    readCapturedChanges(configuration, report),
  ]);
  const days = facts.map((day) => ({ facts: day, state: verdict(day, settings.of(day.ds)) }));
  const odd = await qualityFindings(configuration, { from, to: end }, report);
  return {
    checkedAt: now,
    days: days.map(({ facts: { ds }, state }) => ({ ds, state })),
    findings: inOrder([
      ...dayFindings(days, { now, due }),
      ...captureFindings(captured, { now, end, maxAge }),
      ...odd,
    ]),
  };
}
