/** Which loaded days no longer match what is published. */
import type { Ds } from '@user-behaviour/shared/ds';
import { asFailure } from '@user-behaviour/shared/failure';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import { existingLoad, ledgerRows } from './existing-load.ts';

interface StaleLoadsOptions {
  readonly store: Pick<ManifestStore, 'read'>;
  readonly api: DataApi;
  /** Makes the ledger if there is none yet. */
  readonly prepare: (day: Day) => Promise<void>;
}

/**
 * Days that were never loaded, or lack an upstream, are left out: they are not stale, and their turn is another one. So
 * is a day with an unreadable manifest, with a warning.
 */
export async function staleLoads(
  days: readonly Day[],
  { store, api, prepare }: StaleLoadsOptions,
): Promise<readonly Ds[]> {
  const [first] = days;
  if (first === undefined) return [];
  await prepare(first);
  const rows = await ledgerRows(days, api);
  const stale = await Promise.all(
    days.map(async ({ ds, log }) => {
      const row = rows.get(ds);
      if (row === undefined) return [];
      const upstreams = await Promise.all([
        store.read('user_purchase/stage', ds),
        store.read('movie_review/stage', ds),
      ]).catch((error: unknown) => {
        const failure = asFailure(error);
        if (failure.kind !== 'data') throw error;
        log.warn(`cannot look back at the day: ${failure.message}`);
        return [];
      });
      const [purchases, reviews] = upstreams;
      if (purchases === undefined || reviews === undefined) return [];
      if (existingLoad(row, { purchases, reviews }, row['load_sql'] ?? '') !== undefined) return [];
      log.info('the day was published again since it was loaded; loading it again');
      return [ds];
    }),
  );
  return stale.flat();
}
