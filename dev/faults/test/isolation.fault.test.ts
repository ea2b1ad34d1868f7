/**
 * Concurrent loads of one day at every isolation level, on real PostgreSQL with the job's own statements (I4).
 * With snapshot isolation, Redshift's default, only the lock prevents two first loads of a day from both
 * committing (Redshift developer guide, "Isolation levels").
 */
import { parseDs } from '@user-behaviour/shared/ds';
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
/** The load and the DDL of its tables, as the job sends them. */
let batch: Batch;
const tables: string[] = [];

beforeAll(async () => {
  const [job, started] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['postgres', 's3', 'redshift']),
  ]);
  cloud = started;
  await using bucket = await freshBucket(cloud);
  await new Upstreams(bucket, 'u1', content).publish(ds);
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
  expect(await job.run(proxy.env, `--ds=${ds}`)).toMatchObject({ code: 0 });
  const [recorded] = batches;
  if (recorded === undefined) throw new Error('redshift-load sent no batch');
  batch = recorded;
  return () => cloud[Symbol.asyncDispose]();
});

/** A separate warehouse with the day's files where the load expects them. */
async function warehouse(): Promise<TestDatabase> {
  const database = await freshDatabase(cloud);
  const where = (name: string) => batch.Parameters.find((one) => one.name === name)?.value ?? '';
  const purchases = content.purchases.map(
    ([customer, quantity, price]) =>
      `('1', 'x', 'x', '${quantity}', '${ds}', '${price}', '${customer}', 'x', '${ds}', '${where('purchases_location')}a')`,
  );
  const reviews = content.reviews.map(
    ([customer, positive]) =>
      `('${customer}', ${positive}, '${ds}', '${where('reviews_location')}a')`,
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
     from public.user_behavior_metric order by 1`,
  );
  const ledger = await database.query(
    'select run, metric_rows::int from public.user_behavior_metric_load',
  );
  return { ends, rows, ledger };
}

/** The batch of another run, based on another generation of its upstreams. */
const named = (run: string, generation = '1'): string[] => {
  const own: Readonly<Record<string, string>> = {
    run,
    purchases_generation: generation,
    reviews_generation: generation,
  };
  const Parameters = batch.Parameters.map(({ name, value }) => ({
    name,
    value: own[name] ?? value,
  }));
  return statementsOf({ ...batch, Parameters });
};

const slice = [
  { customerid: 1, amount_spent: '7.65000', review_score: 1, review_count: 1 },
  { customerid: 2, amount_spent: '7.00000', review_score: 0, review_count: 1 },
];

describe.each(['read committed', 'repeatable read', 'serializable'] as const)('%s', (isolation) => {
  it('lets only one of several first loads of a day commit (I4)', async () => {
    let conflicts = 0;
    for (let seed = baseSeed(); seed < baseSeed() + rounds; seed += 1) {
      const runs = ['one', 'two', 'three'].slice(0, 2 + (seed % 2));
      const batches = runs.map((run) => named(run));
      const { ends, rows, ledger } = await race(isolation, batches, seed);
      expect(
        ends.map(({ refused }) => refused),
        `SEED=${seed}`,
      ).toEqual(runs.map(() => undefined));
      expect(rows, `SEED=${seed}`).toEqual(slice);
      expect(ledger, `SEED=${seed}`).toHaveLength(1);
      conflicts += ends.reduce((sum, end) => sum + end.conflicts, 0);
    }
    report(`concurrent loads, ${isolation}`, { interleavings: rounds }, `${conflicts} conflicts`);
  });

  it('does not let a load of older files win (I2)', async () => {
    for (let seed = baseSeed(); seed < baseSeed() + rounds; seed += 1) {
      const { rows, ledger } = await race(isolation, [named('old', '1'), named('new', '2')], seed);
      expect(rows, `SEED=${seed}`).toEqual(slice);
      expect(ledger, `SEED=${seed}`).toEqual([{ run: 'new', metric_rows: 2 }]);
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
        if (rows.length > slice.length) doubled.push(seed);
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
