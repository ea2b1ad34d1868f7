/**
 * Concurrent loads of the same days at every isolation level, on real PostgreSQL with the job's own statements (I4).
 * With snapshot isolation, Redshift's default, only the lock prevents two first loads of a day from both
 * committing (Redshift developer guide, "Isolation levels").
 */
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { openFaultProxy } from '../src/inject/fault-proxy.ts';
import {
  type Batch,
  statementsOf,
  redshiftStandIns,
  tableOf,
} from '../src/observe/load-on-postgres.ts';
import { baseSeed } from '../src/choice.ts';
import { interleave, type Isolation } from '../src/observe/transactions.ts';
import { type Content, Upstreams } from '../src/observe/upstreams.ts';
import { report } from './report.ts';

const ds = parseDs('2010-12-01');
const second = nextDs(ds);
const days = [ds, second];
const content: Content = {
  purchases: [
    [1, 3, '2.55'],
    [2, 4, '0.5'],
    [2, 5, '1'],
  ],
  reviews: [
    [1, true],
    [2, false],
  ],
};
const rounds = 10;

let cloud: TestCloud;
/** The load of both days as a set, that of the second day alone, and the DDL of their tables, as the job sends them. */
let setOfDays: Batch;
let secondAlone: Batch;
const tables: string[] = [];

beforeAll(async () => {
  const [job, started] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['postgres', 's3', 'redshift']),
  ]);
  cloud = started;
  await using bucket = await freshBucket(cloud);
  for (const day of days) await new Upstreams(bucket, 'u1', content).publish(day);
  const batches: Batch[] = [];
  const listen = (name: string, body: string) => {
    if (name.includes('ExecuteStatement prepare/user_behavior')) {
      tables.push(tableOf((JSON.parse(body) as { Sql: string }).Sql));
    }
    if (name.includes('BatchExecuteStatement prepare/migrate')) {
      const { Sqls } = JSON.parse(body) as Batch;
      tables.push(...Sqls.filter((sql) => /^(alter|create) table/.test(sql)).map(tableOf));
    }
    if (name.includes('BatchExecuteStatement load-')) batches.push(JSON.parse(body) as Batch);
  };
  await using proxy = await openFaultProxy(bucket.env, { schedule: new FaultSchedule(), listen });
  const both = [`--ds=${ds}`, `--through=${second}`];
  expect(await job.run(proxy.env, ...both)).toMatchObject({ code: 0 });
  expect(await job.run(proxy.env, `--ds=${second}`, '--force')).toMatchObject({ code: 0 });
  const [first, other, ...more] = batches;
  if (first === undefined || other === undefined || more.length > 0)
    throw new Error(`redshift-load sent ${batches.length} batches instead of 2`);
  [setOfDays, secondAlone] = [first, other];
  return () => cloud[Symbol.asyncDispose]();
});

/** A separate warehouse with the day's files where the load expects them. */
async function warehouse(): Promise<TestDatabase> {
  const database = await freshDatabase(cloud);
  const where = (name: string) =>
    setOfDays.Parameters.find((one) => one.name === name)?.value ?? '';
  const purchases = days.flatMap((day, at) =>
    content.purchases.map(
      ([customer, quantity, price]) =>
        `('1', 'x', 'x', '${quantity}', '${day}', '${price}', '${customer}', 'x', '${day}', '${where(`purchases_location_${at + 1}`)}a')`,
    ),
  );
  const reviews = days.flatMap((day, at) =>
    content.reviews.map(
      ([customer, positive]) =>
        `('${customer}', ${positive}, '${day}', '${where(`reviews_location_${at + 1}`)}a')`,
    ),
  );
  await database.query(
    `${[redshiftStandIns, ...tables].join(';\n')};
     insert into spectrum.user_purchase_staging values ${purchases.join(',')};
     insert into spectrum.movie_review_clean_stage values ${reviews.join(',')};`,
  );
  return database;
}

const isLock = (sql: string) => /^lock /i.test(sql);

async function race(isolation: Isolation, batches: readonly (readonly string[])[], seed: number) {
  await using database = await warehouse();
  const ends = await interleave(database.url, isolation, batches, seed);
  const rows = await database.query(
    `select customerid, amount_spent::text, review_score, review_count
     from public.user_behavior_metric order by insert_date, customerid`,
  );
  const ledger = await database.query(
    'select run, metric_rows::int from public.user_behavior_metric_load order by ds',
  );
  return { ends, rows, ledger };
}

/** The batch of another run, based on another generation of its upstreams. */
const named = (run: string, generation = '1', batch = setOfDays): string[] => {
  const Parameters = batch.Parameters.map(({ name, value }) => {
    if (name === 'run') return { name, value: run };
    return { name, value: /_generation_\d$/.test(name) ? generation : value };
  });
  return statementsOf({ ...batch, Parameters });
};

const slice = [
  { customerid: 1, amount_spent: '7.65000', review_score: 1, review_count: 1 },
  { customerid: 2, amount_spent: '7.00000', review_score: 0, review_count: 1 },
];
const slices = days.flatMap(() => slice);

describe.each(['read committed', 'repeatable read', 'serializable'] as const)('%s', (isolation) => {
  it('lets only one of several first loads of a day commit, also if some are sets (I4)', async () => {
    let conflicts = 0;
    for (let seed = baseSeed(); seed < baseSeed() + rounds; seed += 1) {
      const runs = ['one', 'two', 'three'].slice(0, 2 + (seed % 2));
      // A run of the second day alone is between or beside the sets.
      const batches = runs.map((run) => named(run, '1', run === 'two' ? secondAlone : setOfDays));
      const { ends, rows, ledger } = await race(isolation, batches, seed);
      expect(
        ends.map(({ refused }) => refused),
        `SEED=${seed}`,
      ).toEqual(runs.map(() => undefined));
      expect(rows, `SEED=${seed}`).toEqual(slices);
      expect(ledger, `SEED=${seed}`).toHaveLength(days.length);
      conflicts += ends.reduce((sum, end) => sum + end.conflicts, 0);
    }
    report(`concurrent loads, ${isolation}`, { interleavings: rounds }, `${conflicts} conflicts`);
  });

  it('does not let a load of older files win (I2)', async () => {
    for (let seed = baseSeed(); seed < baseSeed() + rounds; seed += 1) {
      const { rows, ledger } = await race(isolation, [named('old', '1'), named('new', '2')], seed);
      const newer = { run: 'new', metric_rows: 2 };
      expect(rows, `SEED=${seed}`).toEqual(slices);
      expect(ledger, `SEED=${seed}`).toEqual([newer, newer]);
    }
  });
});

describe('without the lock', () => {
  it.each(['read committed', 'repeatable read'] as const)(
    '%s doubles a day in some order, so the lock is what prevents it',
    async (isolation) => {
      const doubled: number[] = [];
      for (let seed = baseSeed(); seed < baseSeed() + rounds; seed += 1) {
        const batches = ['one', 'two'].map((run) => named(run).filter((sql) => !isLock(sql)));
        const { rows } = await race(isolation, batches, seed);
        if (rows.length > slices.length) doubled.push(seed);
      }
      expect(doubled.length).toBeGreaterThan(0);
      report(
        `without the lock, ${isolation}`,
        { interleavings: rounds },
        `${doubled.length} of them double the day, as expected`,
      );
    },
  );
});
