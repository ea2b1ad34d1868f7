/** The earlier days that capture-purchases has seen touched: an extraction may have published them again, however old. */
import { ChangesHeadStore } from '@user-behaviour/shared/changes/changes-head-store';
import { headIfReadable, touchedUpTo } from '@user-behaviour/shared/changes/known-changes';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';

/**
 * The days of a look back, and the touched ones before them. The pointer keeps a day after its extraction, so that none
 * is missed by a load that comes later; after a gap as well.
 * @throws a failure that a retry may change.
 */
export async function withTouchedDays(
  days: readonly Day[],
  where: Bucket,
): Promise<readonly Day[]> {
  const [one] = days;
  if (one === undefined) return days;
  const { log, run, record } = one;
  const head = await headIfReadable(new ChangesHeadStore(where), (why) => {
    log.warn(`cannot look at what was captured: ${why}`);
  });
  const earlier = days.map(({ ds }) => ds);
  const touched = touchedUpTo(head, earlier).filter((ds) => !earlier.includes(ds));
  return [...touched.map((ds) => ({ ds, run, record, log: log.child({ ds }) })), ...days];
}
