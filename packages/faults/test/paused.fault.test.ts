/** An owner of a lease that is paused past its expiry, and wakes up after another has done the work (I2, I4). */
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/cloud';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/bucket-world.ts';
import { EffectBook } from '../src/effect-book.ts';
import { EmrEye } from '../src/emr-eye.ts';
import { openFaultProxy } from '../src/fault-proxy.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [clean, stage, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    startTestCloud(['s3', 'emr']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const ds = parseDs('2010-12-01');

it('cannot publish over the new owner, even past its last look at the lease (I2)', async () => {
  await using bucket = await freshBucket(cloud);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  using emr = new EmrEye(cloud.env);
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, 'cid,review_str\n1,a good one\n2,not so bad\n');
  const day = `--ds=${ds}`;
  expect(await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, day)).toMatchObject({
    code: 0,
  });

  const cluster = await emr.startCluster();
  const env = { ...bucket.env, EMR_CLUSTER_ID: cluster, EMR_LEASE: '3s' };
  const paused = Promise.withResolvers<undefined>();
  const awake = Promise.withResolvers<undefined>();
  const gate = async (name: string) => {
    if (name.includes('PutObject movie_review/stage/{ds}/_manifest.json')) {
      paused.resolve(undefined);
      await awake.promise;
    }
    return () => undefined;
  };
  await using proxy = await openFaultProxy(env, { book: new EffectBook(), gate });
  const sleeper = clean.start(proxy.env, day, '--run-id=sleeper');
  const closed = once(sleeper.child, 'close');
  await Promise.race([paused.promise, closed]);
  sleeper.child.kill('SIGSTOP');

  const other = await clean.run(env, day, '--run-id=other');
  expect(other).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
  const before = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(before.manifest?.run).toBe('other');

  sleeper.child.kill('SIGCONT');
  awake.resolve(undefined);
  const { code, summaries } = await sleeper.ended;
  expect([code, summaries[0]?.['status']]).toEqual([0, 'superseded']);
  // What it wrote is gone, what the other published stands.
  const after = await publishedDay(bucket, 'movie_review/stage', ds);
  expect(after.world).toEqual(before.world);
  expect([...after.abandoned, ...after.strays]).toEqual([]);
  expect(await emr.live(cluster)).toEqual([]);
}, 400_000);
