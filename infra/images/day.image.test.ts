/** One day by the four images, against Postgres and LocalStack in containers, real Spark and real SQL. */
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { canWait, jobs, stageOf } from '@user-behaviour/shared/pipeline';
import { beforeAll, expect, it } from 'vitest';
import { runImage, startImage } from './job-container.ts';
import { day, expectedSlice, putPurchases, putReviews, slice } from './known-day.ts';
import { openPipelineFixture } from './pipeline-fixture.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

it('is published once, ordered by --wait alone, and neither image nor host does it again', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await putPurchases(fixture);
  const ds = `--ds=${day}`;
  // All at once, as a scheduler without order starts them; the vendor's file comes last.
  const started = jobs.map((job) => {
    const wait = canWait(stageOf(job)) ? ['--wait=10m'] : [];
    return runImage(job, fixture.env, ds, ...wait);
  });
  await putReviews(fixture);
  const ends = await Promise.all(started);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(ends.map(({ summaries }) => summaries[0]?.['status'])).toEqual([
    'published',
    'published',
    'published',
    'loaded',
  ]);
  expect(await slice(fixture)).toEqual(expectedSlice());

  const before = await fixture.bucket.keys();
  for (const job of jobs) {
    const again = await runImage(job, fixture.env, ds);
    expect(again).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
    // The host's own result has the same content, or this would be another generation.
    const host = await (await bundleJob(job)).run(fixture.env, ds);
    expect(host).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
  }
  expect(await fixture.bucket.keys()).toEqual(before);
  expect(await slice(fixture)).toEqual(expectedSlice());
});

it('of 200 MB takes no more than the 256 MB of memory, and no file (I9)', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await fixture.database.query(
    `insert into retail.user_purchase
     select 'x', 'x', repeat('y', 990), 3, timestamp '2010-12-01', 1, 1, 'x'
     from generate_series(1, 200000)`,
  );
  await using container = startImage('extract-purchases', fixture.env, ['--ds=2010-12-01']);
  const { code, summaries } = await container.ended;
  expect(summaries).toMatchObject([{ status: 'published', rows: 200_000 }]);
  expect(code).toBe(0);
});
