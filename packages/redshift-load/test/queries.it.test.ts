/** `make queries`: what the warehouse did for a load, found by the label of its queries. */
import { beforeAll, expect, it } from 'vitest';
import { nextDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator } from '@user-behaviour/testkit/operator-command';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { openSmallDay, purchases, reviews } from './small-day.ts';
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

it('the queries of the last load of a day: one partition of each table, whatever else was loaded', async () => {
  await using fixture = await openSmallDay(cloud, job);
  const { ds, bucket } = fixture;
  const second = nextDs(ds);
  await stagePurchases(bucket, second, purchases);
  await stageReviews(bucket, second, reviews);
  expect(await fixture.load(`--through=${second}`, '--run-id=one')).toMatchObject({ code: 0 });
  expect(await fixture.load('--force', '--run-id=two')).toMatchObject({ code: 0 });

  // The second day was loaded in a set only.
  const ofSet = await operator(bucket.env, 'queries', `--ds=${second}`);
  expect(ofSet.code, ofSet.stderr).toBe(0);
  expect(ofSet.stdout).toContain(`redshift-load/days/${ds}..${second}/one/load-1`);
  expect(ofSet.stdout).toMatch(/spectrum\.user_purchase_staging +2 +2 of 2 +4/);

  const told = await operator(bucket.env, 'queries', `--ds=${ds}`, '--json');
  expect(told.code, told.stderr).toBe(0);
  const load = JSON.parse(told.stdout) as {
    readonly queries: readonly { readonly text: string; readonly scans: readonly unknown[] }[];
  };
  expect(load).toMatchObject({
    ds,
    label: `redshift-load/${ds}/two/load-1`,
    loads: 2,
    runSeconds: expect.any(Number) as number,
    cost: expect.stringMatching(/^serverless/) as string,
  });
  const fact = (table: string) => [
    {
      table: `spectrum.${table}`,
      ...{ files: 1, partitions: 2, partitionsRead: 1, rows: 2 },
      bytes: expect.any(Number) as number,
    },
  ];
  const scans = load.queries.flatMap(({ text, scans: some }) =>
    some.length === 0 ? [] : [[text.split(' ').slice(0, 3).join(' '), some]],
  );
  expect(scans).toEqual([
    ['insert into purchase_day', fact('user_purchase_staging')],
    ['insert into review_day', fact('movie_review_clean_stage')],
  ]);
  expect(load.queries[0]?.text).toBe('lock public.user_behavior_metric_load_lock');
  expect(load.queries.at(-1)?.text).toBe('reset query_group');

  // People see the same, and nothing has changed by asking.
  const shown = await operator(bucket.env, 'queries', `--ds=${ds}`);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`redshift-load/${ds}/two/load-1, the last of 2 loads`);
  expect(shown.stdout).toMatch(/spectrum\.user_purchase_staging +1 +1 of 2 +2/);
});

it('a scan of more than the partition of the day, or a day without a load, ends with 65', async () => {
  await using fixture = await openSmallDay(cloud, job);
  const { ds, bucket, warehouse } = fixture;
  const ask = () => operator(bucket.env, 'queries', `--ds=${ds}`);
  const none = await ask();
  expect(none.code).toBe(65);
  expect(none.stderr).toContain(`the query history has no load of ${ds}`);
  const second = nextDs(ds);
  await stagePurchases(bucket, second, purchases);
  await stageReviews(bucket, second, reviews);
  expect(await fixture.load(`--through=${second}`)).toMatchObject({ code: 0 });
  expect(await ask()).toMatchObject({ code: 0 });
  const reading = [
    `set query_group to 'redshift-load/${ds}/wide/load-1'`,
    'select count(*) from spectrum.user_purchase_staging where insert_date >= cast(:ds as date)',
    'reset query_group',
  ];
  expect(await warehouse.batch(reading, { ds })).toMatchObject({ Status: 'FINISHED' });
  const wide = await ask();
  expect(wide.code).toBe(65);
  expect(wide.stderr).toMatch(/read 2 of \d+ partitions of spectrum\.user_purchase_staging/);
  expect(wide.stdout).toContain(`redshift-load/${ds}/wide/load-1`);
});
