/** A run loses the race for the pointer to a run with other content or parameters (I2, I4): it starts over, and not for ever. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asset } from '@user-behaviour/shared/asset';
import { parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import type { Gate } from '../src/inject/controls.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { openFaultProxy, type Variables } from '../src/inject/fault-proxy.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { orphansAfterSweep } from '../src/orphans.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let extract: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [extract, stage, cloud] = await Promise.all([
    bundleJob('extract-purchases'),
    bundleJob('stage-reviews'),
    // The sweep reads from the ledger which runs it must keep.
    startTestCloud(['postgres', 's3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const ds = parseDs('2010-12-01');
const day = `--ds=${ds}`;
/** How often a run tries before it leaves the day to a later attempt (docs/contract.md). */
const rounds = 3;

/** Runs the job; before each write of the pointer, `meanwhile` happens. */
async function runAgainst(
  job: BundledJob,
  env: Variables,
  run: string,
  meanwhile: (attempt: number) => Promise<unknown>,
) {
  let attempts = 0;
  const gate: Gate = async (name) => {
    if (/PutObject \S+\/_manifest\.json/.test(name)) await meanwhile((attempts += 1));
    return () => undefined;
  };
  await using proxy = await openFaultProxy(env, { schedule: new FaultSchedule(), gate });
  return { ...(await job.run(proxy.env, day, `--run-id=${run}`)), attempts };
}

async function published(bucket: TestBucket, dataset: Dataset) {
  const { manifest, rows, abandoned, strays } = await publishedDay(bucket, dataset, ds);
  return { manifest, rows, left: [...abandoned, ...strays] };
}

it('publishes the newest rows, even if a run that has read older ones comes between (I2)', async () => {
  await using bucket = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  await database.query(asset('sql/source/001_user_purchase.sql'));
  const insert = (invoice: string) =>
    database.query(
      `insert into retail.user_purchase values ('${invoice}', 'a', 'd', 3, '${ds} 08:00', 1.5, 7, 'UK')`,
    );
  await insert('old');
  const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
  const hasRead = Promise.withResolvers<undefined>();
  const mayPublish = Promise.withResolvers<undefined>();
  const older = runAgainst(extract, env, 'older', async () => {
    hasRead.resolve(undefined);
    await mayPublish.promise;
  });
  await hasRead.promise;
  await insert('new');
  const newer = await runAgainst(extract, env, 'newer', async (attempt) => {
    if (attempt > 1) return;
    mayPublish.resolve(undefined);
    expect(await older).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
  });
  expect(newer).toMatchObject({ code: 0, attempts: 2, summaries: [{ status: 'published' }] });
  const { manifest, rows, left } = await published(bucket, 'user_purchase/stage');
  expect(manifest).toMatchObject({ run: 'newer', generation: 2, totals: { rows: 2 } });
  expect(rows.filter((row) => /^(old|new),/.test(row)).sort()).toHaveLength(2);
  // The files of the older run stay until a sweep: a reader may still use them.
  expect(left.every((key) => key.includes('/older/'))).toBe(true);
  const { orphans } = await orphansAfterSweep(bucket, env);
  expect(orphans).toEqual([]);
  report('pointer race, newer rows', { interleavings: 1, 'orphans after sweep': orphans.length });
}, 300_000);

it('starts over a few times, then leaves the day to a later attempt (I2, I4)', async () => {
  await using bucket = await freshBucket(cloud);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  const sourceOf = async (lines: number) => {
    const REVIEWS_SOURCE = join(folder.path, `${String(lines)}.csv`);
    await writeFile(REVIEWS_SOURCE, `cid,review_str\n${'1,a good one\n'.repeat(lines)}`);
    return { ...bucket.env, REVIEWS_SOURCE };
  };
  const own = await sourceOf(10);
  const lost = await runAgainst(stage, own, 'loser', async (attempt) => {
    const other = await stage.run(await sourceOf(attempt), day, `--run-id=other-${attempt}`);
    expect(other).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
  });
  expect(lost).toMatchObject({
    code: 75,
    attempts: rounds,
    summaries: [{ status: 'failed', kind: 'transient' }],
  });
  const before = await published(bucket, 'movie_review/load');
  expect(before.manifest).toMatchObject({ run: `other-${rounds}`, totals: { rows: rounds } });
  expect(before.left.some((key) => key.includes('/loser/'))).toBe(false);

  expect(await stage.run(own, day)).toMatchObject({
    code: 0,
    summaries: [{ status: 'published' }],
  });
  const after = await published(bucket, 'movie_review/load');
  expect(after.manifest).toMatchObject({ generation: rounds + 1, totals: { rows: 10 } });
  const { orphans } = await orphansAfterSweep(bucket, bucket.env);
  expect(orphans).toEqual([]);
  report('pointer race, bounded', { interleavings: rounds, 'orphans after sweep': orphans.length });
}, 300_000);

it('ends with the parameters of the run that came last, and with one result (I4)', async () => {
  await using bucket = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  await database.query(asset('sql/source/001_user_purchase.sql'));
  await database.query(
    `insert into retail.user_purchase
     select n, 'a', 'd', n, '${ds} 08:00', 1.5, 7, 'UK' from generate_series(1, 9) as n`,
  );
  const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url };
  const last = await runAgainst(extract, { ...env, MIN_QUANTITY: '5' }, 'last', async (attempt) => {
    if (attempt > 1) return;
    expect(await extract.run(env, day, '--run-id=first')).toMatchObject({ code: 0 });
  });
  expect(last).toMatchObject({ code: 0, attempts: 2, summaries: [{ status: 'published' }] });
  const { manifest, left } = await published(bucket, 'user_purchase/stage');
  expect(manifest).toMatchObject({
    run: 'last',
    generation: 2,
    parameters: { minQuantity: 5 },
    totals: { rows: 4 },
  });
  expect(left.every((key) => key.includes('/first/'))).toBe(true);
  report('pointer race, two parameters', { interleavings: 1 });
}, 300_000);
