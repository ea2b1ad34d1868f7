/** Which days are loaded together; pure. */
import { type Ds, daysFrom } from '@user-behaviour/shared/ds';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { type LoadSet, type PlannedLoad, wholeSet } from '../load/transaction.ts';

/**
 * The bytes of the published files that one transaction reads, unless a single day has more. A set that fails reads
 * them again in parts, and keeps the lock of the loads while it reads.
 */
const mostSetBytes = 8 * 1024 ** 3;

/**
 * Sets of at most so many days that lie as close together, in the given order; within a set the oldest day is first. A
 * set is named by its first and last day, so a gap would claim the days in between.
 */
export function divideIntoSets(
  loads: readonly PlannedLoad[],
  mostDays: number,
  mostBytes = mostSetBytes,
): readonly LoadSet[] {
  const sets: PlannedLoad[][] = [];
  let bytes = 0;
  for (const load of loads) {
    const last = sets.at(-1);
    const own = bytesOf(load);
    const isFull = last?.length === mostDays || bytes + own > mostBytes;
    if (last?.[0] === undefined || isFull || !areClose(last[0].day.ds, load.day.ds, mostDays)) {
      sets.push([load]);
      bytes = own;
    } else {
      last.push(load);
      bytes += own;
    }
  }
  return sets.map(wholeSet);
}

const areClose = (one: Ds, other: Ds, most: number): boolean =>
  daysFrom(one < other ? one : other, one < other ? other : one, most + 1).length <= most;

function bytesOf({ upstreams }: PlannedLoad): number {
  const published: readonly Published[] = Object.values(upstreams);
  return published.reduce((sum, { manifest }) => sum + manifest.totals.bytes, 0);
}
