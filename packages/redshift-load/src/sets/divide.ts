/** Which days are loaded together; pure. */
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { type LoadSet, type PlannedLoad, wholeSet } from '../load/transaction.ts';

/**
 * The bytes of the published files that one transaction reads, unless a single day has more. A set that fails reads
 * them again in parts, and keeps the lock of the loads while it reads.
 */
const mostSetBytes = 8 * 1024 ** 3;

/** Sets of at most so many days, in the given order; within a set the oldest day is first. */
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
    if (last === undefined || last.length === mostDays || bytes + own > mostBytes) {
      sets.push([load]);
      bytes = own;
    } else {
      last.push(load);
      bytes += own;
    }
  }
  return sets.map(wholeSet);
}

function bytesOf({ upstreams }: PlannedLoad): number {
  const published: readonly Published[] = Object.values(upstreams);
  return published.reduce((sum, { manifest }) => sum + manifest.totals.bytes, 0);
}
