/** A lost ledger: `make rebuild-ledger` writes the rows of the days whose slices it can prove. */
import { beforeAll, expect, it } from 'vitest';
import { nextDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { expected, more, openSmallDay, purchases, reviews } from './small-day.ts';
import { stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

it('is rebuilt for the days whose slice is what a load would write, and the others stay due', async () => {
  await using fixture = await openSmallDay(cloud, job);
  const { ds, bucket, warehouse } = fixture;
  const [changed, newer, empty, staged] = [1, 2, 3, 4].map((count) =>
    Array.from({ length: count }).reduce<typeof ds>((day) => nextDs(day), ds),
  ) as [typeof ds, typeof ds, typeof ds, typeof ds];
  for (const day of [changed, newer, empty]) {
    await stagePurchases(bucket, day, day === empty ? [] : purchases);
    await stageReviews(bucket, day, reviews);
  }
  expect(await fixture.load(`--through=${empty}`)).toMatchObject({ code: 0 });
  await warehouse.query(
    `update public.user_behavior_metric set review_score = 9 where insert_date = '${changed}' and customerid = 1`,
  );
  await stagePurchases(bucket, newer, more, { run: 'p2' });
  await stagePurchases(bucket, staged, purchases);
  await stageReviews(bucket, staged, reviews);
  const before = await fixture.ledger();
  await warehouse.query('drop table public.user_behavior_metric_load');

  const rebuild = async (...argv: string[]) => {
    const { code, stdout, stderr } = await operator(bucket.env, 'rebuild-ledger', ...argv);
    expect(code, stderr).toBe(0);
    return cells(stdout);
  };
  const differ = 'the rows differ from those that a load would write';
  const outcome = (done: string) => [
    [ds, done],
    [changed, 'left', differ],
    [newer, 'left', expect.stringMatching(/^purchase rows/)],
    [empty, done],
    [staged, 'left', 'purchase rows differ from the manifest'],
  ];
  expect(await rebuild('--dry-run')).toEqual(outcome('would be rebuilt'));
  const tables = "select 1 from svv_tables where table_name = 'user_behavior_metric_load'";
  expect(await warehouse.rows(tables)).toEqual([]);
  expect(await rebuild()).toEqual(outcome('rebuilt'));
  expect(await fixture.slice()).toEqual(expected);
  expect(await fixture.ledger()).toEqual({
    ...before,
    run: expect.stringMatching(/^rebuilt-/) as string,
    loaded_at: expect.any(String) as string,
  });

  // Only the days that were left are there for a second run, and for a load.
  expect((await rebuild(`--to=${newer}`)).map(([day]) => day)).toEqual([changed, newer]);
  const { summaries } = await fixture.load(`--through=${staged}`);
  expect(Object.fromEntries(summaries.map((one) => [one['ds'], one['status']]))).toEqual({
    [ds]: 'unchanged',
    [changed]: 'loaded',
    [newer]: 'loaded',
    [empty]: 'unchanged',
    [staged]: 'loaded',
  });
  expect(await operator(bucket.env, 'rebuild-ledger')).toMatchObject({
    code: 0,
    stdout: 'nothing to do: every day that may be loaded has a row in the ledger\n',
  });
});
