/** One day's load, started over as long as other runs of the day are in its way. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day, Outcome, Session } from '@user-behaviour/shared/job';
import type { ManifestStore } from '@user-behaviour/shared/manifest-store';
import type { DataApi } from './data-api.ts';
import { type DayLoad, dayLoad, statementName, type Upstreams } from './day-load.ts';
import { partitionsStand, pointPartitions } from './partitions.ts';
import { newerLoadStands, type Replacement, replaceSlice } from './replace-slice.ts';
import { standingLoad } from './standing-load.ts';
import { statement } from './statement.ts';
import { sentence, summarise } from './summary.ts';

/** How often a day starts over because another run moved something meanwhile. */
const maxRounds = 5;

export interface Warehouse {
  readonly api: DataApi;
  readonly store: ManifestStore;
  readonly bucket: string;
  readonly session: Session;
  /** Makes what is missing in the warehouse; once a process, whatever the number of days. */
  readonly prepare: (day: Day) => Promise<void>;
}

export async function loadDay(day: Day, warehouse: Warehouse): Promise<Outcome> {
  const { api, session, bucket } = warehouse;
  let upstreams = await readUpstreams(day.ds, warehouse);
  await warehouse.prepare(day);
  if (session.flags.has('depends-on-past')) await requirePast(day, api);

  for (let round = 1; round <= maxRounds; round += 1) {
    const load = dayLoad(day.ds, day.run, bucket, upstreams);
    const standing = await standingLoad(day, upstreams, api);
    if (standing !== undefined) {
      // A run that died before its load, or an earlier round of this one, may have pointed them elsewhere.
      if (!(await partitionsStand(day, load, api))) {
        await pointPartitions(day, `partitions-${String(round)}`, load, api);
      }
      day.log.info(standing, 'nothing has changed since it was loaded');
      return { status: 'unchanged', ...standing };
    }
    const replacement = await replaceSlice(day, round, load, api);
    const current = await readUpstreams(day.ds, warehouse);
    if (!sameUpstreams(upstreams, current)) {
      day.log.info('an upstream was published anew meanwhile: loading again');
      upstreams = current;
    } else if (replacement.is === 'loaded') {
      const facts = summarise(replacement.row, load);
      day.log.info(facts, sentence(facts));
      return { status: 'loaded', ...facts };
    } else {
      await requireDisturbance(day, replacement, load, api);
      day.log.info('another run pointed a partition elsewhere meanwhile: loading again');
    }
  }
  throw new Failure(
    'transient',
    `other runs of ${day.ds} keep moving its upstreams or partitions; given up after ${String(maxRounds)} rounds`,
  );
}

/** A refusal is final, unless another run has moved a partition from under the load. */
async function requireDisturbance(
  day: Day,
  replacement: Exclude<Replacement, { readonly is: 'loaded' }>,
  load: DayLoad,
  api: DataApi,
): Promise<void> {
  if (replacement.is === 'newer-stands') throw newerLoadStands(day.ds);
  if (await partitionsStand(day, load, api)) throw replacement.error;
}

async function readUpstreams(ds: Ds, { store, session }: Warehouse): Promise<Upstreams> {
  const [purchases, reviews] = await Promise.all([
    store.require('user_purchase/stage', ds, session),
    store.require('movie_review/stage', ds, session),
  ]);
  return { purchases, reviews };
}

const sameUpstreams = (one: Upstreams, other: Upstreams): boolean =>
  one.purchases.etag === other.purchases.etag && one.reviews.etag === other.reviews.etag;

async function requirePast(day: Day, api: DataApi): Promise<void> {
  const id = await api.run(
    {
      name: statementName(day, 'previous'),
      statements: [statement('load', 'previous')],
      parameters: { ds: day.ds },
      reads: true,
    },
    day.log,
  );
  const [row] = await api.rows(id);
  if (row?.['loaded'] !== '0') return;
  throw new Failure(
    'not-ready',
    `${previousDs(day.ds)}, the day before, has not been loaded (--depends-on-past)`,
    { action: 'load the days before first' },
  );
}
