/** A run that is paused and resumes after another has done the work (I2, I4): after its lease, or before it sets a partition. */
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
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
import { stagedBucket } from './staged-reviews.ts';

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

/** Holds the calls of this name, so that the process can be paused during one. */
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
    resume({ child }: Running) {
      child.kill('SIGCONT');
      awake.resolve(undefined);
    },
  };
}

it('cannot publish over the new owner, even after its last check of the lease (I2)', async () => {
  const day = `--ds=${ds}`;
  await using bucket = await stagedBucket(cloud, stage, ['1,a good one', '2,not so bad'], day);
  using emr = new EmrInspector(cloud.env);
  const cluster = await emr.startCluster();
  const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s' };
  const gate = gateAt('PutObject movie_review/stage/{ds}/_manifest.json');
  await using proxy = await openFaultProxy(env, { schedule: new FaultSchedule(), gate: gate.gate });
  const paused = clean.start(proxy.env, day, '--run-id=sleeper');
  await gate.pauseAt(paused);

  const other = await clean.run(env, day, '--run-id=other');
  expect(other).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
  const before = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(before.manifest?.run).toBe('other');

  // Spark does not always write the same bytes for the same reviews.
  const filesOf = async (run: string) => {
    const keys = await bucket.keys(`movie_review/stage/${ds}/${run}/part-`);
    return Promise.all(keys.map((key) => bucket.bytes(key)));
  };
  const [own, others] = [await filesOf('sleeper'), await filesOf('other')];
  expect(own).not.toEqual([]);
  const status = isDeepStrictEqual(own, others) ? 'unchanged' : 'superseded';

  gate.resume(paused);
  const { code, summaries } = await paused.ended;
  expect([code, summaries[0]?.['status']]).toEqual([0, status]);
  // Its own files are gone, the other's publication is unchanged.
  const after = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(after.state).toEqual(before.state);
  expect([...after.abandoned, ...after.strays]).toEqual([]);
  expect(await emr.live(cluster)).toEqual([]);
}, 600_000);

it('cannot set a partition back to an older load, nor repeat that load (I2, I4)', async () => {
  await using bucket = await freshBucket(cloud);
  using warehouse = new WarehouseInspector(cloud.env);
  const day = `--ds=${ds}`;
  const older: Content = { purchases: [[1, 3, '2.55']], reviews: [[1, true]] };
  const newer: Content = { purchases: [[1, 9, '1']], reviews: [[1, false]] };
  await new Upstreams(bucket, 'u1', older).publish(ds);
  const gate = gateAt('BatchExecuteStatement partitions-1');
  await using proxy = await openFaultProxy(bucket.env, {
    schedule: new FaultSchedule(),
    gate: gate.gate,
  });
  const paused = load.start(proxy.env, day, '--run-id=sleeper');
  await gate.pauseAt(paused);

  await new Upstreams(bucket, 'u2', newer).publish(ds);
  const other = await load.run(bucket.env, day, '--run-id=other');
  expect(other).toMatchObject({ code: 0, summaries: [{ status: 'loaded' }] });
  const before = await warehouse.state(ds);

  gate.resume(paused);
  expect(await paused.ended).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
  expect(await warehouse.state(ds)).toEqual(before);
  const locations = (await warehouse.partitions()).filter((one) => one.includes(bucket.name));
  expect(locations.map((one) => one.split('/').at(-2))).toEqual(['u2', 'u2']);
  const ledger = await warehouse.rows(
    `select run, purchases_run from public.user_behavior_metric_load where ds = '${ds}'`,
  );
  expect(ledger).toEqual([['other', 'u2']]);
  expect(await warehouse.runningStatements()).toEqual([]);
}, 300_000);
