/** A run that is paused, and wakes up after another has done the work (I2, I4): past its lease, or before it points a partition. */
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob, type Running } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { openFaultProxy } from '../src/inject/fault-proxy.ts';
import { type Content, Upstreams } from '../src/observe/upstreams.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
let load: BundledJob;
beforeAll(async () => {
  [clean, stage, load, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'emr', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const ds = parseDs('2010-12-01');

/** Holds the first call of this name, so that its process can be paused while it is on its way. */
function gateAt(effect: string) {
  const reached = Promise.withResolvers<undefined>();
  const awake = Promise.withResolvers<undefined>();
  return {
    gate: async (name: string) => {
      if (name.includes(effect)) {
        reached.resolve(undefined);
        await awake.promise;
      }
      return () => undefined;
    },
    async pauseAt({ child }: Running) {
      await Promise.race([reached.promise, once(child, 'close')]);
      child.kill('SIGSTOP');
    },
    wake({ child }: Running) {
      child.kill('SIGCONT');
      awake.resolve(undefined);
    },
  };
}

it('cannot publish over the new owner, even past its last look at the lease (I2)', async () => {
  await using bucket = await freshBucket(cloud);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  using emr = new EmrInspector(cloud.env);
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, 'cid,review_str\n1,a good one\n2,not so bad\n');
  const day = `--ds=${ds}`;
  expect(await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, day)).toMatchObject({
    code: 0,
  });

  const cluster = await emr.startCluster();
  const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s' };
  const door = gateAt('PutObject movie_review/stage/{ds}/_manifest.json');
  await using proxy = await openFaultProxy(env, { schedule: new FaultSchedule(), gate: door.gate });
  const sleeper = clean.start(proxy.env, day, '--run-id=sleeper');
  await door.pauseAt(sleeper);

  const other = await clean.run(env, day, '--run-id=other');
  expect(other).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
  const before = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(before.manifest?.run).toBe('other');

  door.wake(sleeper);
  const { code, summaries } = await sleeper.ended;
  expect([code, summaries[0]?.['status']]).toEqual([0, 'superseded']);
  // What it wrote is gone, what the other published stands.
  const after = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(after.state).toEqual(before.state);
  expect([...after.abandoned, ...after.strays]).toEqual([]);
  expect(await emr.live(cluster)).toEqual([]);
}, 400_000);

it('cannot point a partition away from a newer load, nor bring its older one back (I2, I4)', async () => {
  await using bucket = await freshBucket(cloud);
  using warehouse = new WarehouseInspector(cloud.env);
  const day = `--ds=${ds}`;
  const older: Content = { purchases: [[1, 3, '2.55']], reviews: [[1, true]] };
  const newer: Content = { purchases: [[1, 9, '1']], reviews: [[1, false]] };
  await new Upstreams(bucket, 'u1', older).publish(ds);
  const door = gateAt('BatchExecuteStatement partitions-1');
  await using proxy = await openFaultProxy(bucket.env, {
    schedule: new FaultSchedule(),
    gate: door.gate,
  });
  const sleeper = load.start(proxy.env, day, '--run-id=sleeper');
  await door.pauseAt(sleeper);

  await new Upstreams(bucket, 'u2', newer).publish(ds);
  const other = await load.run(bucket.env, day, '--run-id=other');
  expect(other).toMatchObject({ code: 0, summaries: [{ status: 'loaded' }] });
  const before = await warehouse.state(ds);

  door.wake(sleeper);
  expect(await sleeper.ended).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
  expect(await warehouse.state(ds)).toEqual(before);
  const locations = (await warehouse.partitions()).filter((one) => one.includes(bucket.name));
  expect(locations.map((one) => one.split('/').at(-2))).toEqual(['u2', 'u2']);
  const ledger = await warehouse.rows(
    `select run, purchases_run from public.user_behavior_metric_load where ds = '${ds}'`,
  );
  expect(ledger).toEqual([['other', 'u2']]);
  expect(await warehouse.runningStatements()).toEqual([]);
}, 120_000);
