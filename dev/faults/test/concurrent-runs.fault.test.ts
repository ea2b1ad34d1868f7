/** Two and three concurrent runs, interleaved call by call in an order that a seed decides (I4). */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConcurrently, type Process } from '../src/concurrent-runs.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';

import { baseSeed, isQuick } from '../src/choice.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { Upstreams } from '../src/observe/upstreams.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Interleavings per test. */
const rounds = isQuick ? 4 : 12;
const first = parseDs('2010-01-01');

interface Round {
  readonly ds: Ds;
  readonly seed: number;
}

/** Consecutive days, each with a seed. */
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

const sourceView = `create schema retail; create view retail.user_purchase as
  select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code, 'a, b'::varchar(1000) as detail,
         n as quantity, day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
         n as customer_id, 'x'::varchar(20) as country
  from generate_series(timestamp '2010-01-01', '2011-01-01', '1 day') as day, generate_series(1, 9) as n`;

/** The second run to publish makes generation 2. */
const anyGeneration = (of: unknown) => JSON.stringify(of).replace(/"generation":[12],/, '');

/** The published content, and how many keys other runs have left: must be none. */
async function state(bucket: TestBucket, dataset: Dataset, ds: Ds) {
  const { rows, state, abandoned, strays } = await publishedDay(bucket, dataset, ds);
  return { rows, rest: { ...(state as object), left: [...abandoned, ...strays].length } };
}

describe('concurrent runs of one day', () => {
  it('of extract-purchases converge on one result (I4)', async () => {
    const job = await bundleJob('extract-purchases');
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    await database.query(sourceView);
    const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
    expect(await job.run(env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const expected = await state(bucket, 'user_purchase/stage', first);
    const tally = new RowTally();
    let calls = 0;
    await mapConcurrently(4, roundsFrom(first), async ({ ds, seed }) => {
      const { ends, order, context } = await runConcurrently(
        job,
        env,
        runs(ds, 2 + (seed % 2)),
        seed,
      );
      expect(
        ends.map(({ code }) => code),
        context,
      ).not.toContain(75);
      const published = ends.filter(({ summaries }) => summaries[0]?.['status'] === 'published');
      expect(published, context).toHaveLength(1);
      const found = await state(bucket, 'user_purchase/stage', ds);
      tally.compare(expected.rows, found.rows);
      expect(found, context).toEqual(expected);
      calls += order.length;
    });
    const counts = { interleavings: rounds, ...tally.counts };
    report('concurrent extract-purchases', counts, `${calls} calls ordered`);
  }, 600_000);

  it('of extract-purchases with different parameters leave one of the two complete results (I4)', async () => {
    const job = await bundleJob('extract-purchases');
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    await database.query(sourceView);
    const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
    const quantities = ['2', '5'];
    const either: unknown[] = [];
    for (const [n, MIN_QUANTITY] of quantities.entries()) {
      const ds = parseDs(`2010-12-0${n + 1}`);
      expect(await job.run({ ...env, MIN_QUANTITY }, `--ds=${ds}`)).toMatchObject({ code: 0 });
      either.push((await publishedDay(bucket, 'user_purchase/stage', ds)).state);
    }
    await mapConcurrently(4, roundsFrom(first), async ({ ds, seed }) => {
      const own = (n: number) => ({ MIN_QUANTITY: quantities[n % 2] ?? '' });
      const { ends, context } = await runConcurrently(
        job,
        env,
        runs(ds, 2 + (seed % 2), own),
        seed,
      );
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      const { state } = await publishedDay(bucket, 'user_purchase/stage', ds);
      expect(either.map(anyGeneration), context).toContain(anyGeneration(state));
    });
    report('concurrent extract-purchases, two parameters', { interleavings: rounds });
  }, 600_000);

  it('of stage-reviews converge on one result (I4)', async () => {
    const job = await bundleJob('stage-reviews');
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
    const file = join(folder.path, 'reviews.csv');
    await writeFile(file, 'cid,review_str\n17850,a good one\n');
    const env = { ...bucket.env, REVIEWS_SOURCE: file };
    expect(await job.run(env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const expected = await state(bucket, 'movie_review/load', first);
    const tally = new RowTally();
    await mapConcurrently(4, roundsFrom(first), async ({ ds, seed }) => {
      const { ends, context } = await runConcurrently(job, env, runs(ds, 2 + (seed % 2)), seed);
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      const found = await state(bucket, 'movie_review/load', ds);
      tally.compare(expected.rows, found.rows);
      expect(found, context).toEqual(expected);
    });
    report('concurrent stage-reviews', { interleavings: rounds, ...tally.counts });
  }, 600_000);

  it('of stage-reviews with different reviews leave one of the two complete files (I4)', async () => {
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
    await mapConcurrently(4, roundsFrom(first), async ({ ds, seed }) => {
      const own = (n: number) => ({ REVIEWS_SOURCE: sources[n % 2] ?? '' });
      const { ends, context } = await runConcurrently(
        job,
        bucket.env,
        runs(ds, 2 + (seed % 2), own),
        seed,
      );
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      const { state } = await publishedDay(bucket, 'movie_review/load', ds);
      expect(either.map(anyGeneration), context).toContain(anyGeneration(state));
    });
    report('concurrent stage-reviews, two files', { interleavings: rounds });
  }, 600_000);

  it('of redshift-load, while its upstreams are published again, load the newest (I2, I4)', async () => {
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
      const { ends, context } = await runConcurrently(job, bucket.env, both, seed, again);
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      expect((await warehouse.state(ds)).ledger, context).toHaveLength(1);
      // They may have ended before the upstreams moved; then the next run loads the newest.
      expect(await job.run(bucket.env, `--ds=${ds}`)).toMatchObject({ code: 0 });
      const found = await warehouse.state(ds);
      tally.compare(expected.slice, found.slice);
      expect(found, context).toEqual(expected);
    }
    const counts = { interleavings: all.length, ...tally.counts };
    report('concurrent redshift-load, two generations', counts);
  }, 600_000);

  it('of redshift-load, with nothing loaded before, converge on one result (I4)', async () => {
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
    // One day after another: in one warehouse, runs of other days would change the order.
    for (const { ds, seed } of all) {
      const { ends, context } = await runConcurrently(
        job,
        bucket.env,
        runs(ds, 2 + (seed % 2)),
        seed,
      );
      expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
      const found = await warehouse.state(ds);
      tally.compare(expected.slice, found.slice);
      expect(found, context).toEqual(expected);
    }
    expect(await warehouse.runningStatements()).toEqual([]);
    report('concurrent redshift-load', { interleavings: all.length, ...tally.counts });
  }, 600_000);
});
