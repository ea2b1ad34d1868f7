/** Values by day as a chart draws them: a step for each of the last 730 days, and one for each week before. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { PageDay } from '../page-facts.ts';

export interface Step {
  /** The first day. */
  readonly ds: Ds;
  readonly days: number;
  /** The value of a day, or the mean of the week's days; undefined if none is known. */
  readonly value: number | undefined;
}

/** A share is one sum by another, so that days count by their rows. */
export interface Measure {
  readonly of: (day: PageDay) => number | undefined;
  readonly by?: (day: PageDay) => number | undefined;
}

const daysWithSteps = 730;

export function stepsOf(days: readonly PageDay[], measure: Measure): readonly Step[] {
  const older = Math.max(0, Math.ceil((days.length - daysWithSteps) / 7) * 7);
  const weeks = Array.from({ length: older / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
  return [...weeks, ...days.slice(older).map((day) => [day])].flatMap((some) => {
    const [first] = some;
    return first === undefined
      ? []
      : [{ ds: first.ds, days: some.length, value: meanOf(some, measure) }];
  });
}

export function meanOf(days: readonly PageDay[], { of, by }: Measure): number | undefined {
  let sum = 0;
  let total = 0;
  for (const day of days) {
    const value = of(day);
    const weight = by === undefined ? 1 : by(day);
    if (value === undefined || weight === undefined) continue;
    sum += value;
    total += weight;
  }
  return total === 0 ? undefined : sum / total;
}

/** For each step the mean of its last seven days. */
export const weeklyMeans = (days: readonly PageDay[], measure: Measure): readonly Step[] => {
  const index = new Map(days.map(({ ds }, at) => [ds, at]));
  return stepsOf(days, measure).map((step) => {
    const at = (index.get(step.ds) ?? 0) + step.days;
    return { ...step, value: meanOf(days.slice(Math.max(0, at - 7), at), measure) };
  });
};

/** The days of each calendar month, or of each year. */
export const grouped = (
  days: readonly PageDay[],
  by: 'month' | 'year',
): ReadonlyMap<string, readonly PageDay[]> =>
  Map.groupBy(days, ({ ds }) => ds.slice(0, by === 'month' ? 7 : 4));
