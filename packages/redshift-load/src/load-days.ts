/** The loads of several days, a transaction each; a day starts over as long as other runs are in its way. */
import type { Semaphore } from '@user-behaviour/shared/concurrency';
import { debouncedBatches } from '@user-behaviour/shared/debounce';
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day, Outcome, Session, Settle } from '@user-behaviour/shared/runner/job';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { DataApi } from './data-api/client.ts';
import { type DayLoad, dayLoad } from './load/transaction.ts';
import { missingPartitions, partitionsStand, pointPartitions } from './partitions/partitions.ts';
import { explainRefusal } from './data-api/sql-errors.ts';
import { newerLoadStands, type Replacement, replaceSlice } from './load/replace-day.ts';
import { type ReadyDay, startingPoint } from './load/plan-round.ts';
import { type Statement, statement } from './data-api/sql.ts';
import { statementName } from './data-api/names.ts';
import { sentence, summarise } from './load/summary.ts';
import { StatementError } from './data-api/request.ts';
import { readUpstreams, type Upstreams } from './load/upstreams.ts';

/** How often a day starts over because another run moved something meanwhile. */
const maxRounds = 5;

export interface Warehouse {
  readonly api: DataApi;
  readonly store: ManifestStore;
  readonly bucket: string;
  /** The first day of all: no day before it is asked for. */
  readonly historyStart: Ds;
  readonly session: Session;
  /** Limits how many transactions are under way. */
  readonly loads: Semaphore;
  /** Makes what is missing in the warehouse; once a process, whatever the number of days. */
  readonly prepare: (day: Day) => Promise<void>;
}

/** Settles every day; what fails for one keeps no other from its load. */
export async function loadDays(
  days: readonly Day[],
  settle: Settle,
  warehouse: Warehouse,
): Promise<void> {
  const pending = days.map((day) => readyDay(day, settle, warehouse));
  for await (const batch of debouncedBatches(pending)) {
    const position = ({ day }: ReadyDay) => days.indexOf(day);
    await loadBatch(
      batch.toSorted((a, b) => position(a) - position(b)),
      settle,
      warehouse,
    );
  }
}

/** Loads days that are ready, in rounds: a day starts over while other runs are in its way. */
async function loadBatch(
  ready: readonly ReadyDay[],
  settle: Settle,
  warehouse: Warehouse,
): Promise<void> {
  let rest = ready;
  for (let round = 1; round <= maxRounds && rest.length > 0; round += 1) {
    rest = await loadRound(rest, round, settle, warehouse);
  }
  for (const { day } of rest) {
    const error = new Failure(
      'transient',
      `other runs of ${day.ds} keep moving its upstreams or partitions; given up after ${String(maxRounds)} rounds`,
    );
    settle(day.ds, { error });
  }
}

/** A day becomes ready once its upstreams are published, for which it may wait; it keeps no other day waiting. */
const readyDay = (day: Day, settle: Settle, warehouse: Warehouse): Promise<ReadyDay | undefined> =>
  settled(day, settle, async () => {
    const found = aim(day, await upstreamsOf(day.ds, warehouse), warehouse);
    await warehouse.prepare(day);
    await requirePast(day, warehouse);
    return found;
  });

/** Does the work of one day; its failure settles the day. */
async function settled<T>(
  { ds }: Day,
  settle: Settle,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await explainRefusal(ds, work);
  } catch (error) {
    settle(ds, { error });
    return undefined;
  }
}

/** The days that must start over. */
async function loadRound(
  ready: readonly ReadyDay[],
  round: number,
  settle: Settle,
  warehouse: Warehouse,
): Promise<readonly ReadyDay[]> {
  const { api, loads } = warehouse;
  const { standing, partitions } = await startingPoint(ready, api);
  const pointed = await pointAll(ready, partitions, `partitions-${String(round)}`, settle, api);
  const again = await Promise.all(
    pointed.map((one) =>
      settled(one.day, settle, async () => {
        const { day } = one;
        const facts = standing.get(day.ds);
        if (facts !== undefined) {
          day.log.info(facts, 'nothing has changed since it was loaded');
          settle(day.ds, { status: 'unchanged', ...facts });
          return undefined;
        }
        const result = await loads.run(() => loadDay(one, round, warehouse));
        if (!('status' in result)) return result;
        settle(day.ds, result);
        return undefined;
      }),
    ),
  );
  return again.filter((day) => day !== undefined);
}

/**
 * Also of days that stand: a run that died before its load may have pointed them elsewhere. A
 * refused statement is tried day by day, so that it is the fault of its day only.
 */
async function pointAll(
  ready: readonly ReadyDay[],
  statements: readonly Statement[],
  step: string,
  settle: Settle,
  api: DataApi,
): Promise<readonly ReadyDay[]> {
  try {
    await pointPartitions(ready, statements, step, api);
    return ready;
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
  }
  const pointed: ReadyDay[] = [];
  for (const one of ready) {
    const done = await settled(one.day, settle, async () => {
      await pointPartitions([one], await missingPartitions([one], api), step, api);
      return one;
    });
    if (done !== undefined) pointed.push(done);
  }
  return pointed;
}

/** The day's outcome, or the day as it must start over. */
async function loadDay(
  ready: ReadyDay,
  round: number,
  warehouse: Warehouse,
): Promise<Outcome | ReadyDay> {
  const { day, load, upstreams } = ready;
  const replacement = await replaceSlice(day, round, load, warehouse.api);
  const current = await upstreamsOf(day.ds, warehouse);
  if (!sameUpstreams(upstreams, current)) {
    day.log.info('an upstream was published anew meanwhile: loading again');
    return aim(day, current, warehouse);
  }
  if (replacement.is === 'loaded') {
    const facts = summarise(replacement.row, load);
    day.log.info(facts, sentence(facts));
    return { status: 'loaded', ...facts };
  }
  await requireDisturbance(ready, replacement, warehouse.api);
  day.log.info('another run pointed a partition elsewhere meanwhile: loading again');
  return ready;
}

/** A refusal is final, unless another run has moved a partition from under the load. */
async function requireDisturbance(
  ready: ReadyDay,
  replacement: Exclude<Replacement, { readonly is: 'loaded' }>,
  api: DataApi,
): Promise<void> {
  if (replacement.is === 'newer-stands') throw newerLoadStands(ready.day.ds);
  if (await partitionsStand(ready, api)) throw replacement.error;
}

function aim(day: Day, upstreams: Upstreams, { bucket }: Warehouse): ReadyDay {
  const load: DayLoad = dayLoad(day.ds, day.run, bucket, upstreams);
  return { day, upstreams, load };
}

const upstreamsOf = (ds: Ds, { store, session }: Warehouse): Promise<Upstreams> =>
  readUpstreams(ds, store, session);

const sameUpstreams = (one: Upstreams, other: Upstreams): boolean =>
  one.purchases.etag === other.purchases.etag && one.reviews.etag === other.reviews.etag;

async function requirePast(day: Day, warehouse: Warehouse): Promise<void> {
  const { api, historyStart, session } = warehouse;
  if (!session.flags.has('depends-on-past') || day.ds === historyStart) return;
  const look = {
    name: statementName(day, 'previous'),
    statements: [statement('load', 'previous')],
    parameters: { ds: day.ds },
    reads: true,
  };
  const [row] = await api.ask(look, day.log);
  if (row?.['loaded'] !== '0') return;
  throw new Failure(
    'not-ready',
    `${previousDs(day.ds)}, the day before, has not been loaded (--depends-on-past)`,
    {
      action:
        'load the days before first; the first day of all is the one that HISTORY_START names',
    },
  );
}
