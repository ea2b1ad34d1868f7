/** Writes rows of the ledger that were lost, for days whose slice is proven to be what a load would write. */
import type { DataApi } from '@user-behaviour/redshift-load/data-api/client';
import { StatementError } from '@user-behaviour/redshift-load/data-api/request';
import { rebuildStatements } from '@user-behaviour/redshift-load/load/rebuild';
import {
  loadStatements,
  planLoad,
  parametersOfSet,
} from '@user-behaviour/redshift-load/load/transaction';
import { readUpstreams } from '@user-behaviour/redshift-load/load/upstreams';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Day } from '@user-behaviour/shared/runner/job';

export interface Rebuilding {
  readonly api: DataApi;
  readonly store: ManifestStore;
  readonly bucket: string;
  readonly signal: AbortSignal;
  /** Names this rebuilding in the ledger. */
  readonly run: string;
  readonly log: Day['log'];
  /** Without it, the rows are only compared. */
  readonly writes: boolean;
}

export interface NotRebuilt {
  readonly outcome: 'left' | 'there';
  readonly why: string;
}

/**
 * Returns why the day is left as it is, or undefined if its row has been written. A second run finds the row, and
 * two at once write one: for the other it is there.
 * @throws a failure that does not come from the day's data.
 */
export async function rebuildDay(ds: Ds, rebuilding: Rebuilding): Promise<NotRebuilt | undefined> {
  const { api, store, bucket, signal, run, log, writes } = rebuilding;
  try {
    const upstreams = await readUpstreams(ds, store, { wait: 0, signal });
    const day = { ds, run, log, record: new DayNotes() };
    const load = planLoad(day, bucket, upstreams);
    const parameters = parametersOfSet([load]);
    const statements = rebuildStatements(loadStatements([load.format]), writes);
    await api.run({ name: `operator/rebuild-ledger/${ds}/${run}`, statements, parameters }, log);
    return undefined;
  } catch (error) {
    if (error instanceof StatementError && error.finding !== undefined) {
      const outcome = error.statement?.name === 'not_in_ledger' ? 'there' : 'left';
      return { outcome, why: error.finding };
    }
    const isOfDay = error instanceof Failure || error instanceof StatementError;
    if (isOfDay && (error.kind === 'not-ready' || error.kind === 'data')) {
      return { outcome: 'left', why: error.message };
    }
    throw error;
  }
}

/** How many days have which outcome; what is there is not due. */
export function tellRebuilt(outcomes: readonly string[], done: string): string {
  const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
  const there = count('there') === 0 ? '' : `, ${String(count('there'))} in the ledger by now`;
  return `${String(count(done))} days ${done}${there}, ${String(count('left'))} left: the next catchup loads those`;
}
