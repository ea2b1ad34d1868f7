/** What is wrong with a day, by what is published and loaded of it. Pure. */
import { type Ds, endOfDay } from '@user-behaviour/shared/ds';
import { isDataset, pipeline, stageOf } from '@user-behaviour/shared/pipeline';
import type { DayFacts } from '../facts/day-facts.ts';
import { formatTime } from '../time-span.ts';
import type { dayErrors, Finding } from './finding.ts';

/** Milliseconds from midnight UTC after a day to the time by which it must be loaded. */
export type Due = number;

export const dueTime = (ds: Ds, due: Due): Date => new Date(endOfDay(ds).getTime() + due);

export interface JudgedDay {
  readonly facts: DayFacts;
  /** Its state, as `status` shows it. */
  readonly state: string;
}

export interface Expectation {
  readonly now: Date;
  readonly due: Due;
}

/**
 * At most one error for each day, in the order of the days. A failure comes first. A day without the metric is a gap, or
 * late if it is the last one that is due; a day that is not due yet may still be missing, stale or partial.
 */
export function dayFindings(days: readonly JudgedDay[], { now, due }: Expectation): Finding[] {
  const isDue = ({ facts }: JudgedDay) => now >= dueTime(facts.ds, due);
  const last = days.findLast(isDue)?.facts.ds;
  return days.flatMap((day) => {
    const { ds } = day.facts;
    const told = describe(day, { isLast: ds === last, time: formatTime(dueTime(ds, due)) });
    if (told === undefined || (!atOnce.includes(told.finding) && !isDue(day))) return [];
    const { finding, message, action } = told;
    return [{ finding, ds, level: 'error' as const, message, action }];
  });
}

/** No later run mends these by itself. */
const atOnce: readonly string[] = ['damaged', 'failed'] satisfies (typeof dayErrors)[number][];

interface Told extends Pick<Finding, 'message' | 'action'> {
  readonly finding: (typeof dayErrors)[number];
}

function describe(
  { facts, state }: JudgedDay,
  { isLast, time }: { readonly isLast: boolean; readonly time: string },
): Told | undefined {
  const { ds } = facts;
  const again = `make backfill FROM=${ds} TO=${ds}`;
  switch (state) {
    case 'failed':
      return { finding: 'failed', ...whyFailed(facts) };
    case 'missing':
    case 'incomplete':
    case 'not loaded':
      return {
        finding: isLast ? 'late' : 'gap',
        message: `${ds} is not loaded and was due at ${time}: ${whatIsThere(facts)}`,
        action: `make runs DS=${ds} shows what has run; ${again} does what is missing`,
      };
    case 'stale':
      return {
        finding: 'stale',
        message: `${ds} was loaded, but its input or its settings have changed since`,
        action: `${again} loads it again; make plan says why`,
      };
    case 'partial':
      return {
        finding: 'partial',
        message: `${ds} was loaded from purchases that were read before the day was over`,
        action: `${again} reads them again`,
      };
    case 'damaged':
      return {
        finding: 'damaged',
        message: `${ds} is damaged: ${whatIsDamaged(facts)}`,
        action: `${again} makes it again; find out who removed or changed it`,
      };
    default:
      return undefined;
  }
}

function whyFailed({ ds, failure }: DayFacts): Pick<Finding, 'message' | 'action'> {
  const { job = '', exit = 0, audit, message = '', action = '' } = failure ?? {};
  const which = audit === undefined || message.includes(audit) ? '' : `, audit ${audit}`;
  return {
    message: `${ds}: ${job} failed with ${String(exit)}${which}: ${message}`,
    action: `${action}; make runs DS=${ds} shows all runs of the day`,
  };
}

function whatIsThere({ published }: DayFacts): string {
  const lacking = pipeline.flatMap(({ rows, writes }) =>
    isDataset(writes) && !published.has(writes) ? [rows] : [],
  );
  return lacking.length === 0
    ? `${stageOf('redshift-load').name} has not loaded what is published`
    : `no ${lacking.join(', no ')}`;
}

const whatIsDamaged = ({ damage, ledger }: DayFacts): string =>
  [
    ...[...damage].map(([dataset, what]) => `${dataset}: ${what}`),
    ...(ledger?.whole === false ? ['the metric’s rows are not those of the ledger'] : []),
  ].join(', ');
