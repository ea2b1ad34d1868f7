/** Removes the runs of an erasure's days that its new runs have replaced, without the time that a sweep gives readers. */
import type { LeasedDay } from '@user-behaviour/emr-clean/live-steps';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { OperatorConfiguration } from '../config.ts';
import { readLedger } from '../facts/ledger.ts';
import { findGarbage } from '../sweep/find-garbage.ts';
import type { Garbage } from '../sweep/garbage.ts';
import { type Removal, removeGarbage } from '../sweep/sweep-apply.ts';

/** Leases are for the sweep, which asks EMR about their steps. */
const keepLeases = (days: readonly LeasedDay[]): Promise<ReadonlySet<Ds>> =>
  Promise.resolve(new Set(days.map(({ ds }) => ds)));

/** Milliseconds without a write after which a run that was never published is abandoned, as for a sweep. */
const abandoned = 86_400_000;

/**
 * What may go follows the rules of the sweep: nothing that a manifest or the ledger names, and nothing of a day that a
 * run holds. A load that still read a replaced run has ended, because the load of the erasure waited for it. Cleanings
 * hold their day while they write; of the other jobs, a run that may still be written stays.
 */
export async function removeReplacedRuns(
  where: Bucket,
  configuration: OperatorConfiguration,
  days: ReadonlySet<Ds>,
  { now, signal }: { readonly now: () => Date; readonly signal: AbortSignal },
): Promise<Removal[]> {
  const find = async (older: number) => {
    const ages = { now: now().getTime(), older, keep: 0 };
    const readAll = () => readLedger(configuration, {});
    const { garbage } = await findGarbage(where, readAll, ages, keepLeases);
    return garbage.filter((item) => isRunOf(item, days));
  };
  const atOnce = (await find(0)).filter(isCertain);
  const others = (await find(abandoned)).filter((item) => !isCertain(item));
  return removeGarbage(where, [...atOnce, ...others], { now, signal });
}

const isRunOf = (item: Garbage, days: ReadonlySet<Ds>): boolean =>
  'of' in item && days.has(item.of.ds);

const isCertain = (item: Garbage): boolean =>
  item.why === 'superseded' || ('of' in item && item.of.dataset === 'movie_review/stage');
