/** Days in ranges of neighbours: one process a job does a whole range. */
import { type Ds, nextDs } from '@user-behaviour/shared/ds';

export const orders = ['oldest-first', 'newest-first'] as const;
export type Order = (typeof orders)[number];

/**
 * Days at most in one range: of a backfill of many years some are whole before the last are begun.
 * 500 is what emr-clean puts into one Spark application; newest first, fewer are worth waiting for.
 */
const longest = { 'oldest-first': 500, 'newest-first': 100 } as const;

/** The days, ascending, cut where one is missing and where a range gets too long. */
export function consecutiveRanges(
  days: readonly Ds[],
  order: Order,
  limit: number = longest[order],
): Ds[][] {
  const ranges: Ds[][] = [];
  for (const ds of order === 'oldest-first' ? days : [...days].reverse()) {
    const range = ranges.at(-1);
    const last = range?.at(-1);
    const follows =
      last !== undefined && (order === 'oldest-first' ? nextDs(last) === ds : nextDs(ds) === last);
    if (range !== undefined && follows && range.length < limit) range.push(ds);
    else ranges.push([ds]);
  }
  return ranges.map((range) => range.sort());
}

/** Days, ascending, for people: `2010-12-01 to 2010-12-05, 2010-12-09`. */
export const tellDays = (days: readonly Ds[]): string =>
  consecutiveRanges(days, 'oldest-first', Infinity)
    .map((range) => tellRange(range[0] ?? '', range.at(-1) ?? ''))
    .join(', ');

export const tellRange = (first: string, last: string): string =>
  first === last ? first : `${first} to ${last}`;
