/** One day with the four images, against Postgres and LocalStack in containers, real Spark and real SQL. */
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

it('is published once, in the order that --wait gives, and repeated by neither image nor host', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await putPurchases(fixture);
  const ds = `--ds=${day}`;
  // All start concurrently, as with a scheduler without dependencies; the vendor's file arrives last.
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
    // If the bundle's result differed on the host, this would publish another generation.
    const host = await (await bundleJob(job)).run(fixture.env, ds);
    expect(host).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
  }
  expect(await fixture.bucket.keys()).toEqual(before);
  expect(await slice(fixture)).toEqual(expectedSlice());

  // The operator's image starts the jobs that it holds, on a disk that cannot be written.
  const history = { HISTORY_START: day, HISTORY_END: day };
  const asked = (...argv: string[]) =>
    runImage('operator', { ...fixture.env, ...history }, ...argv);
  const repeated = await asked('run', ds);
  expect(repeated.code, JSON.stringify(repeated.log)).toBe(0);
  expect(JSON.stringify(repeated.summaries).match(/unchanged/g)).toHaveLength(4);
  const page = `s3://${fixture.bucket.name}/page.html`;
  for (const command of [['catchup'], ['health', '--due=06:00'], ['page', `--out=${page}`]]) {
    const { code, log } = await asked(...command);
    expect(code, JSON.stringify(log)).toBe(0);
  }
  expect(await fixture.bucket.keys()).toEqual([...before, 'page.html'].toSorted());
});

it('of 200 MB fits into 256 MB of memory without a file (I9)', async () => {
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
