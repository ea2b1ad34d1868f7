/** The earlier days that capture-purchases knows to have changed since they were published, of any age and without a scan. */
import { verdictOf } from '@user-behaviour/shared/changes/changes-head';
import { ChangesHeadStore } from '@user-behaviour/shared/changes/changes-head-store';
import { headIfReadable, touchedUpTo } from '@user-behaviour/shared/changes/known-changes';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Ds } from '@user-behaviour/shared/ds';
import { asFailure } from '@user-behaviour/shared/failure';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Log } from '@user-behaviour/shared/runner/log';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';

const { writes: dataset } = stageOf('extract-purchases');

/** Manifests that are read at a time. */
const readers = 16;

/**
 * Days up to the last of `earlier`. None without capture; none but a warning after a gap, or if the pointer cannot be
 * read. A day that was never published, or that the changes do not cover, is left out, as in a plan; of the latter, a
 * warning has the number.
 * @throws a failure that a retry may change.
 */
export async function capturedDays(
  earlier: readonly Ds[],
  where: Bucket,
  log: Log,
): Promise<readonly Ds[]> {
  const store = new ManifestStore(where.s3, where.bucket);
  const head = await headIfReadable(new ChangesHeadStore(where), (why) => {
    log.warn(`cannot look at what was captured: ${why}`);
  });
  if (head?.gap !== undefined) {
    log.warn(`captured changes are not used: ${head.gap}; run capture-purchases --reset`);
    return [];
  }
  let unknown = 0;
  const found = await mapConcurrently(readers, touchedUpTo(head, earlier), async (ds) => {
    try {
      const published = await store.read(dataset, ds);
      const verdict = verdictOf(head, published?.manifest.source, ds);
      if (published !== undefined && verdict === 'unknown') unknown += 1;
      if (verdict !== 'changed') return [];
    } catch (error) {
      const failure = asFailure(error);
      if (failure.kind !== 'data') throw error;
      log.warn({ ds }, `cannot look back at the day: ${failure.message}`);
      return [];
    }
    log.info({ ds }, 'the day has changed at the source, as captured; extracting it again');
    return [ds];
  });
  if (unknown > 0) {
    log.warn(
      { days: unknown },
      'captured changes do not cover some touched days, so they are not extracted again; make backfill does it once; if they stay, the role may not ask pg_control_system()',
    );
  }
  return found.flat();
}
