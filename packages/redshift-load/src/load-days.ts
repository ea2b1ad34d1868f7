/**
 * Loads several days, one transaction each. Concurrent runs of one day converge on one result:
 * a run first waits for the statements of other runs (load/other-runs.ts); the lock lets one transaction
 * in at a time (sql/warehouse/load/010_lock.sql); an audit refuses files older than the loaded ones
 * (sql/warehouse/audit/010_moves_forward.sql); and a day whose upstreams or partitions another run has
 * changed meanwhile starts over.
 */
import type { Semaphore } from '@user-behaviour/shared/concurrency';
import { debouncedBatches } from '@user-behaviour/shared/debounce';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { notesOf } from '@user-behaviour/shared/runner/day-record';
import { inputOf } from '@user-behaviour/shared/lineage/read-input';
import type { Day, Outcome, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { DataApi } from './data-api/client.ts';
import { StatementError } from './data-api/request.ts';
import { describeSqlError } from './data-api/sql-errors.ts';
import type { Statement } from './data-api/sql.ts';
import { requireDayBefore } from './day-before.ts';
import { planRound } from './load/plan-round.ts';
import { newerLoadExists, replaceDay, type Replacement } from './load/replace-day.ts';
import { sentence, summarise } from './load/summary.ts';
import { planLoad, type PlannedLoad } from './load/transaction.ts';
import { readUpstreams, type Upstreams } from './load/upstreams.ts';
import {
  partitionChanges,
  partitionsAreSet,
  setPartitionLocations,
} from './partitions/partitions.ts';

/** How often a day is tried while other runs keep changing its upstreams or partitions. */
const maxRounds = 5;

export interface Warehouse {
  readonly api: DataApi;
  readonly store: ManifestStore;
  readonly bucket: string;
  /** The first day of history; --depends-on-past does not look for the day before it. */
  readonly historyStart: Ds;
  readonly session: Session;
  /** By the clock of S3. */
  readonly serverTime: () => Date;
  /** Limits the transactions that run at a time. */
  readonly loads: Semaphore;
  /** Creates what is missing in the warehouse; once a process, whatever the number of days. */
  readonly prepare: (day: Day) => Promise<void>;
}

/** Reports every day; a failure of one day does not stop the others. */
export async function loadDays(
  days: readonly Day[],
  reportDay: ReportDay,
  warehouse: Warehouse,
): Promise<void> {
  const pending = days.map((day) => readyLoad(day, reportDay, warehouse));
  for await (const batch of debouncedBatches(pending)) {
    const position = ({ day }: PlannedLoad) => days.indexOf(day);
    await loadBatch(
      batch.toSorted((a, b) => position(a) - position(b)),
      reportDay,
      warehouse,
    );
  }
}

/**
 * Loads in rounds: a day starts over while other runs change its upstreams or partitions. Reports every day
 * and never rejects, because other days of the process may still wait for their upstreams.
 */
async function loadBatch(
  loads: readonly PlannedLoad[],
  reportDay: ReportDay,
  warehouse: Warehouse,
): Promise<void> {
  let rest = loads;
  for (let round = 1; round <= maxRounds && rest.length > 0; round += 1) {
    try {
      rest = await loadRound(rest, round, reportDay, warehouse);
    } catch (error) {
      for (const { day } of rest) {
        reportDay(day.ds, { error: describeSqlError(day.ds, error) });
      }
      return;
    }
  }
  for (const { day } of rest) {
    const error = new Failure(
      'transient',
      `other runs of ${day.ds} keep changing its upstreams or partitions; given up after ${String(maxRounds)} rounds`,
    );
    reportDay(day.ds, { error });
  }
}

/** Waits for the upstreams as long as the session allows, without delaying other days. */
const readyLoad = (
  day: Day,
  reportDay: ReportDay,
  warehouse: Warehouse,
): Promise<PlannedLoad | undefined> =>
  reportFailure(day, reportDay, async () => {
    const { phase } = day.record;
    const upstreams = await phase('upstream', () => upstreamsOf(day, warehouse));
    const load = planLoad(day, warehouse.bucket, upstreams);
    await phase('prepare', () => warehouse.prepare(day));
    await requireDayBefore(day, warehouse);
    return load;
  });

/** Does the work of one day, and reports the day if it fails. */
async function reportFailure<T>(
  { ds }: Day,
  reportDay: ReportDay,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    reportDay(ds, { error: describeSqlError(ds, error) });
    return undefined;
  }
}

/** Returns the days that must start over. Rejects if what all of them share fails. */
async function loadRound(
  planned: readonly PlannedLoad[],
  round: number,
  reportDay: ReportDay,
  warehouse: Warehouse,
): Promise<readonly PlannedLoad[]> {
  const { api, loads, session } = warehouse;
  const { existing, partitions } = await planRound(planned, api, session.force);
  const step = `partitions-${String(round)}`;
  const ready = await notesOf(planned.map(({ day }) => day)).phase('partitions', () =>
    setPartitions(planned, partitions, step, reportDay, api),
  );
  const again = await Promise.all(
    ready.map((load) =>
      reportFailure(load.day, reportDay, async () => {
        const { day } = load;
        const facts = existing.get(day.ds);
        if (facts !== undefined) {
          day.log.info(facts, 'nothing has changed since it was loaded');
          reportDay(day.ds, { status: 'unchanged', ...facts });
          return undefined;
        }
        const result = await loads.run(() => loadDay(load, round, warehouse));
        if (!('status' in result)) return result;
        reportDay(day.ds, result);
        return undefined;
      }),
    ),
  );
  return again.filter((load) => load !== undefined);
}

/**
 * Includes days that are already loaded: a run that died before its load may have set their partitions
 * to other files. After a failed statement each day is tried alone, so that only its own day fails.
 */
async function setPartitions(
  loads: readonly PlannedLoad[],
  statements: readonly Statement[],
  step: string,
  reportDay: ReportDay,
  api: DataApi,
): Promise<readonly PlannedLoad[]> {
  try {
    await setPartitionLocations(loads, statements, step, api);
    return loads;
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
  }
  const ready: PlannedLoad[] = [];
  for (const load of loads) {
    const done = await reportFailure(load.day, reportDay, async () => {
      await setPartitionLocations([load], await partitionChanges([load], api), step, api);
      return load;
    });
    if (done !== undefined) ready.push(done);
  }
  return ready;
}

/** Returns the day's outcome, or the load that must start over. */
async function loadDay(
  load: PlannedLoad,
  round: number,
  warehouse: Warehouse,
): Promise<Outcome | PlannedLoad> {
  const { day, upstreams } = load;
  day.record.note({ parameters: { loadSql: load.parameters['load_sql'] } });
  const replacement = await replaceDay(load, round, warehouse.api);
  const current = await upstreamsOf(day, warehouse);
  if (!sameUpstreams(upstreams, current)) {
    day.log.info('an upstream was published again in the meantime; loading again');
    return planLoad(day, warehouse.bucket, current);
  }
  if (replacement.is === 'loaded') {
    const facts = summarise(replacement.row, load);
    day.log.info(facts, sentence(facts));
    return { status: 'loaded', ...facts };
  }
  await requireChangedPartition(load, replacement, warehouse.api);
  day.log.info('another run changed a partition in the meantime; loading again');
  return load;
}

/** A failed audit is final, unless another run changed a partition during the load. */
async function requireChangedPartition(
  load: PlannedLoad,
  replacement: Exclude<Replacement, { readonly is: 'loaded' }>,
  api: DataApi,
): Promise<void> {
  const { day } = load;
  const { is, error } = replacement;
  if (is === 'refused' && !(await partitionsAreSet(load, api))) return;
  day.record.note({ audit: error.statement?.name });
  throw is === 'refused' ? error : newerLoadExists(day.ds, error);
}

async function upstreamsOf(
  { ds, record }: Day,
  { store, session: { wait, signal }, serverTime }: Warehouse,
): Promise<Upstreams> {
  // Who does not wait takes what there is.
  const patience = wait > 0 ? { wait, signal, serverTime } : { wait, signal };
  const upstreams = await readUpstreams(ds, store, patience);
  const manifests = Object.values(upstreams).map(({ manifest }: Published) => manifest);
  record.note({ inputs: manifests.map(inputOf) });
  return upstreams;
}

const sameUpstreams = (one: Upstreams, other: Upstreams): boolean =>
  one.purchases.etag === other.purchases.etag && one.reviews.etag === other.reviews.etag;
