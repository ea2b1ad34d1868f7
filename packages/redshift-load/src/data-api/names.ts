/** What the statements are called: `job/ds/run/step`, found again in the query history and after a kill; pure. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Day } from '@user-behaviour/shared/runner/job';

const prefix = 'redshift-load/';
/** Statements about several days have one of their own, so that whoever loads any of the days finds them. */
const prefixOfRanges = `${prefix}days/`;

export const statementName = ({ ds, run }: Day, step: string): string =>
  `${prefix}${ds}/${run}/${step}`;

/** As `statementName`, for a statement about several days: those from the first to the last. */
export function rangeName(days: readonly Day[], step: string): string {
  const [first, last] = firstAndLast(days);
  if (first === last) return statementName(first, step);
  return `${prefixOfRanges}${first.ds}..${last.ds}/${first.run}/${step}`;
}

/** How all names begin that may be about one of these days. */
export function prefixesAbout(days: readonly Day[]): readonly string[] {
  const [{ ds: first }, { ds: last }] = firstAndLast(days);
  if (first === last) return [`${prefix}${first}/`, prefixOfRanges];
  let common = 0;
  while (first[common] === last[common]) common += 1;
  return [`${prefix}${first.slice(0, common)}`, prefixOfRanges];
}

const changing =
  /^redshift-load\/(?:days\/)?([\d-]{10})(?:\.\.([\d-]{10}))?\/[^/]+\/(?:partitions|load)-\d+$/;

/** Whether a statement of this name changes what one of these days holds, or where it points. */
export function changesOneOf(days: readonly Day[], name: string): boolean {
  const [, from, to = from] = changing.exec(name) ?? [];
  return days.some(({ ds }) => from !== undefined && to !== undefined && from <= ds && ds <= to);
}

/** Of days that may come in any order. */
export function firstAndLast(days: readonly Day[]): readonly [Day, Day] {
  const inOrder = days.toSorted((a, b) => (a.ds < b.ds ? -1 : 1));
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  if (first === undefined || last === undefined) throw new Failure('bug', 'no days to ask for');
  return [first, last];
}
