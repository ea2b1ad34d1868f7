/** Names of statements, `job/ds/run/step`: the query history and a run after a kill find a statement by its name; pure. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Day } from '@user-behaviour/shared/runner/job';

const prefix = 'redshift-load/';
/** For statements about several days, so that a run of any of these days finds them. */
const rangePrefix = `${prefix}days/`;

export const statementName = ({ ds, run }: Day, step: string): string =>
  `${prefix}${ds}/${run}/${step}`;

/** As `statementName`, for a statement about several days, from the first to the last. */
export function rangeName(days: readonly Day[], step: string): string {
  const [first, last] = firstAndLast(days);
  if (first === last) return statementName(first, step);
  return `${rangePrefix}${first.ds}..${last.ds}/${first.run}/${step}`;
}

/** The prefixes of all names that may be about one of these days. */
export function namePrefixes(days: readonly Day[]): readonly string[] {
  const [{ ds: first }, { ds: last }] = firstAndLast(days);
  if (first === last) return [`${prefix}${first}/`, rangePrefix];
  let common = 0;
  while (first[common] === last[common]) common += 1;
  return [`${prefix}${first.slice(0, common)}`, rangePrefix];
}

const changing =
  /^redshift-load\/(?:days\/)?([\d-]{10})(?:\.\.([\d-]{10}))?\/[^/]+\/(?:partitions|load)-\d+$/;

/** The first and the last day of a statement that changes slices or partitions; undefined if it changes none. */
export function changedDays(name: string): readonly [first: string, last: string] | undefined {
  const [, from, to = from] = changing.exec(name) ?? [];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** Whether a statement of this name may change a slice or a partition of one of these days. */
export function changesOneOf(days: readonly Pick<Day, 'ds'>[], name: string): boolean {
  const [from = '', to = ''] = changedDays(name) ?? [];
  return days.some(({ ds }) => from <= ds && ds <= to);
}

/** The days may be in any order. */
export function firstAndLast(days: readonly Day[]): readonly [Day, Day] {
  const inOrder = days.toSorted((a, b) => (a.ds < b.ds ? -1 : 1));
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  if (first === undefined || last === undefined)
    throw new Failure('bug', 'no days to name a statement for');
  return [first, last];
}
