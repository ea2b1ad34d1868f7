/**
 * Loads days in sets, one transaction each. A set that fails because of some of its days is loaded again in parts, so
 * that only those days fail, as each would by itself.
 */
import { attemptInHalves, type Suspect } from '@user-behaviour/shared/batches/halving';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import type { ReportDay } from '@user-behaviour/shared/runner/job';
import { StatementError } from '../data-api/request.ts';
import { describeSqlError } from '../data-api/sql-errors.ts';
import type { Warehouse } from '../load-days.ts';
import { sentence, summarise } from '../load/summary.ts';
import { planLoad, type PlannedLoad, wholeSet } from '../load/transaction.ts';
import { sameUpstreams, upstreamsOf } from '../load/upstreams.ts';
import { partitionsAreSet } from '../partitions/partitions.ts';
import { divideIntoSets } from './divide.ts';
import { isNewerLoad, newerLoadExists, replaceDays } from './replace-days.ts';

/** Reports the days, except those that must start over: it returns them. Never rejects. */
export async function loadSets(
  loads: readonly PlannedLoad[],
  round: number,
  reportDay: ReportDay,
  warehouse: Warehouse,
): Promise<readonly PlannedLoad[]> {
  const again: PlannedLoad[] = [];
  /** Does the last of the work on each day; a failure concerns this day alone. */
  const settle = (
    group: readonly PlannedLoad[],
    end: (load: PlannedLoad) => Promise<PlannedLoad | undefined>,
  ) =>
    Promise.all(
      group.map(async (load) => {
        const { ds } = load.day;
        try {
          const next = await end(load);
          if (next !== undefined) again.push(next);
        } catch (error) {
          reportDay(ds, { error: describeSqlError(ds, error) });
        }
      }),
    ).then(() => undefined);
  const sets = divideIntoSets(loads, warehouse.setDays);
  await Promise.all(
    sets.map((set) =>
      warehouse.loads.run(() =>
        attemptInHalves(set, {
          attempt: async (group) => {
            const replaced = await replaceDays(wholeSet(group), round, warehouse.api);
            await settle(group, async (load) => {
              const newer = await publishedSince(load, warehouse);
              if (newer !== undefined) return newer;
              if ('error' in replaced) throw replaced.error;
              const { day } = load;
              const row = replaced.rows.get(day.ds);
              if (row === undefined) {
                throw new Failure('bug', `the load's summary has no row of ${day.ds}`);
              }
              const facts = summarise(row, load);
              day.log.info(facts, sentence(facts));
              reportDay(day.ds, { status: 'loaded', ...facts });
              return undefined;
            });
          },
          suspectOf,
          namedBy: daysOf,
          onRetry: (group, error) => {
            const days = group.map(({ day }) => day.ds);
            const named = daysOf(group, error).map(({ day }) => day.ds);
            const facts = named.length === 0 ? { days } : { days, named };
            set[0].day.log.warn(facts, `${String(error)}; loading the days in smaller sets`);
          },
          fail: (group, error) => settle(group, (load) => startOver(load, error, warehouse)),
        }),
      ),
    ),
  );
  const position = new Map(loads.map(({ day }, index) => [day.ds, index]));
  return again.toSorted((a, b) => (position.get(a.day.ds) ?? 0) - (position.get(b.day.ds) ?? 0));
}

/** The statements that read the files of the days. */
const scans = new Set(['fill_purchase_day', 'fill_purchase_day_of_parquet', 'fill_review_day']);

/** What still fails after several tries, or is forbidden to a scan, may be a file of one day, or the warehouse. */
function suspectOf(error: unknown): Suspect {
  const kind = error instanceof StatementError ? error.kind : asFailure(error).kind;
  if (kind === 'data') return 'day';
  const cause = error instanceof Failure ? error.cause : error;
  const isOfScan = cause instanceof StatementError && scans.has(cause.statement?.name ?? '');
  return kind === 'transient' || (kind === 'configuration' && isOfScan)
    ? 'day or service'
    : 'service';
}

const daysOf = (group: readonly PlannedLoad[], error: unknown): readonly PlannedLoad[] =>
  error instanceof StatementError ? group.filter(({ day }) => error.days.has(day.ds)) : [];

/** The load of what has been published meanwhile; undefined if the upstreams are the same. */
async function publishedSince(
  { day, upstreams }: PlannedLoad,
  warehouse: Warehouse,
): Promise<PlannedLoad | undefined> {
  const current = await upstreamsOf(day, warehouse);
  if (sameUpstreams(upstreams, current)) return undefined;
  day.log.info('an upstream was published again in the meantime; loading again');
  return planLoad(day, warehouse.bucket, current);
}

/**
 * What a failed audit makes of its day: the failure is final, unless another run has published an upstream or changed
 * a partition during the load. @throws the failure.
 */
async function startOver(
  load: PlannedLoad,
  error: unknown,
  warehouse: Warehouse,
): Promise<PlannedLoad> {
  if (!(error instanceof StatementError) || error.finding === undefined) throw error;
  const newer = await publishedSince(load, warehouse);
  if (newer !== undefined) return newer;
  const { day } = load;
  if (!isNewerLoad(error) && !(await partitionsAreSet(load, warehouse.api))) {
    day.log.info('another run changed a partition in the meantime; loading again');
    return load;
  }
  day.record.note({ audit: error.statement?.name });
  throw isNewerLoad(error) ? newerLoadExists(day.ds, error) : error;
}
