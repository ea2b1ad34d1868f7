/** Two and three runs at once, interleaved call by call under a seed (I4). */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConcurrently, type Process } from '../src/concurrent-runs.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { atMost } from '../src/kill-anywhere.ts';
import { baseSeed } from '../src/base-seed.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { Upstreams } from '../src/observe/upstreams.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Interleavings of each kind. */
const rounds = 12;
const first = parseDs('2010-01-01');

interface Round {
  readonly ds: Ds;
  readonly seed: number;
}

/** A day and a seed each. */
function roundsFrom(ds: Ds, count = rounds): Round[] {
  let day = ds;
  return Array.from({ length: count }, (_, n) => ({
    ds: (day = nextDs(day)),
    seed: baseSeed() + n,
  }));
}

const runs = (ds: Ds, count: number, own?: (n: number) => Process['env']): Process[] =>
  Array.from({ length: count }, (_, n) => {
    const env = own?.(n);
    return { run: `run-${n}`, ds, ...(env === undefined ? {} : { env }) };
  });

const shop = `create schema retail; create view retail.user_purchase as
  select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code, 'a, b'::varchar(1000) as detail,
         n as quantity, day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
         n as customer_id, 'x'::varchar(20) as country
  from generate_series(timestamp '2010-01-01', '2011-01-01', '1 day') as day, generate_series(1, 9) as n`;

/** The second one to publish makes the second generation. */
const anyGeneration = (of: unknown) => JSON.stringify(of).replace(/"generation":[12],/, '');

/** Published content and what lies beside it; a run that published nothing must have left nothing. */
async function state(bucket: TestBucket, dataset: Dataset, ds: Ds) {
  const { rows, state, abandoned, strays } = await publishedDay(bucket, dataset, ds);
  return { rows, rest: { ...(state as object), left: [...abandoned, ...strays].length } };
}

describe('several runs of one day at once', () => {
  it('of extract-purchases end as one (I4)', async () => {
    const job = await bundleJob('extract-purchases');
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    await database.query(shop);
    const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
    expect(await job.run(env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const expected = await state(bucket, 'user_purchase/stage', first);
    const tally = new RowTally();
    let turns = 0;
    await atMost(4, roundsFrom(first), async ({ ds, seed }) => {
      const { ends, order } = await runConcurrently(job, env, runs(ds, 2 + (seed % 2)), seed);
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(
        ends.map(({ code }) => code),
        told,
      ).not.toContain(75);
      const published = ends.filter(({ summaries }) => summaries[0]?.['status'] === 'published');
      expect(published, told).toHaveLength(1);
      const found = await state(bucket, 'user_purchase/stage', ds);
      tally.compare(expected.rows, found.rows);
      expect(found, told).toEqual(expected);
      turns += order.length;
    });
    const counts = { interleavings: rounds, ...tally.counts };
    report('extract-purchases at once', counts, `${turns} calls ordered`);
  }, 300_000);

  it('of extract-purchases with different parameters leave one of the two results, whole (I4)', async () => {
    const job = await bundleJob('extract-purchases');
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    await database.query(shop);
    const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
    const quantities = ['2', '5'];
    const either: unknown[] = [];
    for (const [n, MIN_QUANTITY] of quantities.entries()) {
      const ds = parseDs(`2010-12-0${n + 1}`);
      expect(await job.run({ ...env, MIN_QUANTITY }, `--ds=${ds}`)).toMatchObject({ code: 0 });
      either.push((await publishedDay(bucket, 'user_purchase/stage', ds)).state);
    }
    await atMost(4, roundsFrom(first), async ({ ds, seed }) => {
      const own = (n: number) => ({ MIN_QUANTITY: quantities[n % 2] ?? '' });
      const { ends, order } = await runConcurrently(job, env, runs(ds, 2 + (seed % 2), own), seed);
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      const { state } = await publishedDay(bucket, 'user_purchase/stage', ds);
      expect(either.map(anyGeneration), told).toContain(anyGeneration(state));
    });
    report('extract-purchases at once, two parameters', { interleavings: rounds });
  }, 300_000);

  it('of stage-reviews end as one (I4)', async () => {
    const job = await bundleJob('stage-reviews');
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
    const file = join(folder.path, 'reviews.csv');
    await writeFile(file, 'cid,review_str\n17850,a good one\n');
    const env = { ...bucket.env, REVIEWS_SOURCE: file };
    expect(await job.run(env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const expected = await state(bucket, 'movie_review/load', first);
    const tally = new RowTally();
    await atMost(4, roundsFrom(first), async ({ ds, seed }) => {
      const { ends, order } = await runConcurrently(job, env, runs(ds, 2 + (seed % 2)), seed);
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      const found = await state(bucket, 'movie_review/load', ds);
      tally.compare(expected.rows, found.rows);
      expect(found, told).toEqual(expected);
    });
    report('stage-reviews at once', { interleavings: rounds, ...tally.counts });
  }, 300_000);

  it('of stage-reviews with different reviews leave one of the two files, whole (I4)', async () => {
    const job = await bundleJob('stage-reviews');
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
    const sources = ['one', 'two'].map((name) => join(folder.path, `${name}.csv`));
    const either: unknown[] = [];
    for (const [n, REVIEWS_SOURCE] of sources.entries()) {
      const lines = Array.from({ length: n + 2 }, (_, at) => `${at},a good one\n`);
      await writeFile(REVIEWS_SOURCE, `cid,review_str\n${lines.join('')}`);
      const ds = parseDs(`2010-12-0${n + 1}`);
      const ended = await job.run({ ...bucket.env, REVIEWS_SOURCE }, `--ds=${ds}`);
      expect(ended).toMatchObject({ code: 0 });
      either.push((await publishedDay(bucket, 'movie_review/load', ds)).state);
    }
    await atMost(4, roundsFrom(first), async ({ ds, seed }) => {
      const own = (n: number) => ({ REVIEWS_SOURCE: sources[n % 2] ?? '' });
      const { ends, order } = await runConcurrently(
        job,
        bucket.env,
        runs(ds, 2 + (seed % 2), own),
        seed,
      );
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      const { state } = await publishedDay(bucket, 'movie_review/load', ds);
      expect(either.map(anyGeneration), told).toContain(anyGeneration(state));
    });
    report('stage-reviews at once, two files', { interleavings: rounds });
  }, 300_000);

  it('of redshift-load, while its upstreams are published again, end with these (I2, I4)', async () => {
    const job = await bundleJob('redshift-load');
    await using bucket = await freshBucket(cloud);
    using warehouse = new WarehouseInspector(cloud.env);
    const older = new Upstreams(bucket, 'u1', {
      purchases: [[1, 3, '2.55']],
      reviews: [[1, true]],
    });
    const newer = new Upstreams(bucket, 'u2', {
      purchases: [[2, 4, '0.5']],
      reviews: [[2, false]],
    });
    const all = roundsFrom(parseDs('2010-06-01'), rounds / 2);
    const undisturbed = parseDs('2010-06-01');
    await older.publish(undisturbed);
    await newer.publish(undisturbed);
    expect(await job.run(bucket.env, `--ds=${undisturbed}`)).toMatchObject({ code: 0 });
    const expected = await warehouse.state(undisturbed);
    const tally = new RowTally();
    for (const { ds, seed } of all) {
      await older.publish(ds);
      const again = () => newer.publish(ds);
      const both = runs(ds, 2 + (seed % 2));
      const { ends, order } = await runConcurrently(job, bucket.env, both, seed, again);
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      expect((await warehouse.state(ds)).ledger, told).toHaveLength(1);
      // They may have been done before; then it is the next run's work.
      expect(await job.run(bucket.env, `--ds=${ds}`)).toMatchObject({ code: 0 });
      const found = await warehouse.state(ds);
      tally.compare(expected.slice, found.slice);
      expect(found, told).toEqual(expected);
    }
    const counts = { interleavings: all.length, ...tally.counts };
    report('redshift-load at once, two generations', counts);
  }, 300_000);

  it('of redshift-load, none of them loaded before, end as one (I4)', async () => {
    const job = await bundleJob('redshift-load');
    await using bucket = await freshBucket(cloud);
    using warehouse = new WarehouseInspector(cloud.env);
    const upstreams = new Upstreams(bucket, 'u1', {
      purchases: [
        [1, 3, '2.55'],
        [2, 4, '0.5'],
      ],
      reviews: [
        [1, true],
        [2, false],
      ],
    });
    const all = roundsFrom(first, rounds / 2);
    for (const ds of [first, ...all.map(({ ds }) => ds)]) await upstreams.publish(ds);
    expect(await job.run(bucket.env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const expected = await warehouse.state(first);
    const tally = new RowTally();
    // One after another: the warehouse is one, and runs of other days would be in the order, too.
    for (const { ds, seed } of all) {
      const { ends, order } = await runConcurrently(
        job,
        bucket.env,
        runs(ds, 2 + (seed % 2)),
        seed,
      );
      const told = `SEED=${seed}\n${order.join('\n')}`;
      expect(new Set(ends.map(({ code }) => code)), told).toEqual(new Set([0]));
      const found = await warehouse.state(ds);
      tally.compare(expected.slice, found.slice);
      expect(found, told).toEqual(expected);
    }
    expect(await warehouse.runningStatements()).toEqual([]);
    report('redshift-load at once', { interleavings: all.length, ...tally.counts });
  }, 300_000);
});
