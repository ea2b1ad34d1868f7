/** capture-purchases beside itself, and beside the extraction and the load of a touched day, call by call (I2, I4). */
import { asset } from '@user-behaviour/shared/asset';
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { changesHeadKey } from '@user-behaviour/shared/keys';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import { baseSeed, isQuick } from '../src/choice.ts';
import { runConcurrently } from '../src/concurrent-runs.ts';
import type { Variables } from '../src/inject/fault-proxy.ts';
import { Upstreams } from '../src/observe/upstreams.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

/** Interleavings per test. */
const rounds = isQuick ? 2 : 12;

let cloud: TestCloud;
let capture: BundledJob;
let extract: BundledJob;
let load: BundledJob;
beforeAll(async () => {
  [capture, extract, load, cloud] = await Promise.all([
    bundleJob('capture-purchases'),
    bundleJob('extract-purchases'),
    bundleJob('redshift-load'),
    startLocalServers(['postgres', 's3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

interface Fixture extends AsyncDisposable {
  readonly bucket: TestBucket;
  readonly database: TestDatabase;
  readonly env: Variables;
}

/** A source with a slot, and a pointer. */
async function openFixture(slot: string): Promise<Fixture> {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  await database.query(asset('sql/source/001_user_purchase.sql'));
  await database.query(asset('sql/source/capture/010_identity_and_publication.sql'));
  const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url, CAPTURE_SLOT: slot };
  stack.defer(async () => {
    await database.query(`select pg_drop_replication_slot('${slot}')`);
  });
  expect(await capture.run(env, '--reset')).toMatchObject({ code: 0 });
  // What begins after the reset is covered.
  await database.query('select txid_current()');
  const all = stack.move();
  return { bucket, database, env, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const insert = ({ database }: Fixture, ds: string, count: number) =>
  database.query(
    `insert into retail.user_purchase
     select n::text, 'S', 'x', 3, '${ds} 08:00', 1.5, 1, 'France' from generate_series(1, ${String(count)}) as n`,
  );

/** A server needs a moment to notice that the reader of a slot is gone. */
const captureAlone = ({ env }: Fixture) =>
  expect
    .poll(async () => (await capture.run(env)).code, { timeout: 20_000, interval: 250 })
    .toBe(0);

it('counts each change once, whoever else captures: who loses ends with 75 (I4)', async () => {
  await using fixture = await openFixture('at_once_with_itself');
  const { bucket, env } = fixture;
  let [ds, lost] = [parseDs('2010-01-01'), 0];
  for (let round = 0; round < rounds; round += 1) {
    ds = nextDs(ds);
    await insert(fixture, ds, 5);
    const processes = ['a', 'b', 'c'].slice(round % 2).map((run) => ({ run }));
    const { ends, context } = await runConcurrently(capture, env, processes, baseSeed() + round);
    const codes = ends.map(({ code }) => code);
    expect([0, 75], context).toEqual(expect.arrayContaining(codes));
    lost += codes.filter((code) => code === 75).length;
    await captureAlone(fixture);
    const head = JSON.parse(await bucket.text(changesHeadKey)) as ChangesHead;
    expect(head.days[ds], context).toMatchObject({ inserted: 5, rows: 5, deleted: 0 });
  }
  expect(lost).toBeGreaterThan(0);
  report('capture-purchases beside itself', { interleavings: rounds });
}, 600_000);

it('loses no change of a day that is extracted and loaded meanwhile, and doubles none (I2, I4)', async () => {
  await using fixture = await openFixture('at_once_with_jobs');
  const { bucket, env } = fixture;
  using warehouse = new WarehouseInspector(cloud.env);
  const reviews = new Upstreams(bucket, 'u1', { purchases: [], reviews: [[1, true]] });
  const run = async (job: BundledJob, ...argv: readonly string[]) => {
    const { code, summaries } = await job.run(env, ...argv);
    expect(code, JSON.stringify(summaries)).toBe(0);
  };
  const night = parseDs('2010-12-01');
  await reviews.publish(night);
  for (const job of [extract, load]) await run(job, `--ds=${night}`);
  let ds = parseDs('2010-01-01');
  for (let round = 0; round < rounds; round += 1) {
    ds = nextDs(ds);
    await reviews.publish(ds);
    await insert(fixture, ds, 2);
    for (const job of [extract, load]) await run(job, `--ds=${ds}`);
    await insert(fixture, ds, 3);
    const processes = [
      { run: 'capture', job: capture },
      { run: `extract-${String(round)}`, ds, job: extract },
      { run: `load-${String(round)}`, ds, job: load },
    ];
    const { ends, context } = await runConcurrently(
      capture,
      env,
      processes,
      baseSeed() + round,
      async () => {
        await insert(fixture, ds, 4);
      },
    );
    expect(new Set(ends.map(({ code }) => code)), context).toEqual(new Set([0]));
    // What was too late for these runs is captured by the next, and taken by those of the night, far from the day.
    await captureAlone(fixture);
    for (const job of [extract, load]) await run(job, `--ds=${night}`, '--look-back=1');
    const { slice, ledger } = await warehouse.state(ds);
    // Nine rows of 3 for 1.50.
    expect(slice, context).toEqual([JSON.stringify(['1', '40.50000', '1', '1'])]);
    expect(ledger, context).toHaveLength(1);
  }
  report('capture-purchases beside the jobs of a day', { interleavings: rounds });
}, 600_000);
