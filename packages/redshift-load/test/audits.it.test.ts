import { beforeAll, describe, expect, it } from 'vitest';
import { nextDs } from '@user-behaviour/shared/ds';
import { runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { type BundledJob, bundleJob, type Entry } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { loadStatements, planLoad, parametersOfSet } from '../src/load/transaction.ts';
import { usedParameters } from '../src/data-api/sql.ts';
import { type LoadFixture, expectedSlice, openFixture } from './load-fixture.ts';
import {
  type Purchase,
  purchasesCsv,
  type Review,
  reviewsParquet,
  stagePurchases,
  stageReviews,
} from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const purchases: readonly Purchase[] = [
  { quantity: 3, price: '2.55', customer: 1 },
  { quantity: 6, price: '1.25', customer: 1 },
  { quantity: 4, price: '0.5', customer: 2 },
  { quantity: 9, price: '5' },
];
const reviews: readonly Review[] = [
  { customer: 1, positive: true },
  { customer: 2, positive: false },
];
const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const changed: readonly Purchase[] = [{ quantity: 100, price: '1', customer: 1 }];

/** A loaded day. After every failed load its slice and its ledger row must be unchanged. */
async function loadedFixture(): Promise<LoadFixture> {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud, job));
  await stagePurchases(fixture.bucket, fixture.ds, purchases);
  await stageReviews(fixture.bucket, fixture.ds, reviews);
  expect(await fixture.load('--run-id=good')).toMatchObject({ code: 0 });
  stack.move();
  return fixture;
}

async function expectOldSlice(fixture: LoadFixture): Promise<void> {
  expect(await fixture.slice()).toEqual(expectedSlice(purchases, reviews));
  expect(await fixture.ledger()).toMatchObject({
    run: 'good',
    purchases_run: 'p1',
    reviews_run: 'r1',
  });
}

function expectAudit(summaries: readonly Entry[], name: string): void {
  expect(summaries).toMatchObject([{ status: 'failed', kind: 'data', exit: 65 }]);
  expect(summaries[0]?.['message']).toContain(`audit ${name} failed`);
  expect(summaries[0]?.['action']).toContain(`*_${name}.sql`);
}

describe('a failed audit leaves the old slice unchanged and ends with 65 (I7, I8):', () => {
  it('the manifest counts a purchase that does not exist', async () => {
    await using fixture = await loadedFixture();
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2', rows: 2 });
    const { code, summaries } = await fixture.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'purchases_conserved');
    await expectOldSlice(fixture);
  });

  it('the manifest counts a review that does not exist', async () => {
    await using fixture = await loadedFixture();
    await stageReviews(fixture.bucket, fixture.ds, reviews, { run: 'r2', rows: 3 });
    const { code, summaries } = await fixture.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'reviews_conserved');
    await expectOldSlice(fixture);
  });

  it('of each day of a set whose wrong counts cancel out', async () => {
    await using fixture = await openFixture(cloud, job);
    const days = [fixture.ds, nextDs(fixture.ds), nextDs(nextDs(fixture.ds))];
    for (const [at, ds] of days.entries()) {
      const rows = purchases.length + ([1, -1][at] ?? 0);
      await stagePurchases(fixture.bucket, ds, purchases, { rows });
      await stageReviews(fixture.bucket, ds, reviews);
    }
    const { code, summaries } = await fixture.load(`--through=${days[2] ?? ''}`);
    expect(code).toBe(65);
    const failed = summaries.filter(({ exit }) => exit !== 0);
    expect(failed.map(({ ds }) => ds).sort()).toEqual(days.slice(0, 2));
    for (const one of failed) expectAudit([one], 'purchases_conserved');
    expect(await fixture.slice(days[2])).toEqual(expectedSlice(purchases, reviews));
  });

  it('a stray file of purchases lies in the folder of the run', async () => {
    await using fixture = await loadedFixture();
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2' });
    const folder = runPrefix('user_purchase/stage', fixture.ds, 'p2');
    await fixture.bucket.put(`${folder}again.csv`, purchasesCsv(fixture.ds, changed));
    const { code, summaries } = await fixture.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'purchases_conserved');
    await expectOldSlice(fixture);
  });

  it('a stray file of reviews lies in the folder of the run', async () => {
    await using fixture = await loadedFixture();
    const more = [...reviews, { customer: 1, positive: false }];
    await stageReviews(fixture.bucket, fixture.ds, more, { run: 'r2' });
    const folder = runPrefix('movie_review/stage', fixture.ds, 'r2');
    await fixture.bucket.put(`${folder}part-00001.parquet`, await reviewsParquet(reviews));
    const { code, summaries } = await fixture.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'reviews_conserved');
    await expectOldSlice(fixture);
  });

  it('a customer spent more than the metric can hold', async () => {
    await using fixture = await loadedFixture();
    const [spent, nobody] = [
      { quantity: 2_147_483_647, price: '9999999999999.99999', customer: 1 },
      { quantity: 2_147_483_647, price: '9999999999999.99999' },
    ];
    await stagePurchases(fixture.bucket, fixture.ds, [spent, nobody], { run: 'p2' });
    const { code, summaries } = await fixture.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'amounts_fit');
    await expectOldSlice(fixture);
  });

  it('files that Spectrum ignores do not count as stray', async () => {
    await using fixture = await loadedFixture();
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2' });
    const folder = runPrefix('user_purchase/stage', fixture.ds, 'p2');
    await fixture.bucket.put(`${folder}_notes.csv`, purchasesCsv(fixture.ds, changed));
    await fixture.bucket.put(`${folder}.hidden`, purchasesCsv(fixture.ds, changed));
    expect(await fixture.load()).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expectedSlice(changed, reviews));
  });

  it('the ledger holds a later generation than the manifests', async () => {
    await using fixture = await loadedFixture();
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2' });
    for (const column of ['purchases_generation', 'reviews_generation']) {
      await fixture.warehouse.query(
        `update public.user_behavior_metric_load set ${column} = 99 where ds = '${fixture.ds}'`,
      );
      const { code, summaries } = await fixture.load();
      expect(code).toBe(65);
      expect(summaries[0]?.['message']).toContain('a later generation');
      expect(summaries[0]?.['action']).toContain('public.user_behavior_metric_load');
      await expectOldSlice(fixture);
      await fixture.warehouse.query(
        `update public.user_behavior_metric_load set ${column} = 1 where ds = '${fixture.ds}'`,
      );
    }
  });

  it('a statement of the load fails: the failure names it, without any row value (I10)', async () => {
    await using fixture = await loadedFixture();
    await stagePurchases(
      fixture.bucket,
      fixture.ds,
      [{ quantity: 3, price: 'secret-row', customer: 1 }],
      {
        run: 'p2',
      },
    );
    const { code, summaries, log } = await fixture.load();
    expect(code).toBe(65);
    expect(summaries).toMatchObject([{ kind: 'data' }]);
    expect(summaries[0]?.['message']).toContain('statement fill_purchase_day failed');
    expect(JSON.stringify([summaries, log])).not.toContain('secret-row');
    await expectOldSlice(fixture);
  });
});

/** The job's own transaction with one more statement, which does what a defect of the load would do. */
async function runWithError(fixture: LoadFixture, after: string, sql: string) {
  const store = new ManifestStore(fixture.bucket.client, fixture.bucket.name);
  const [purchased, reviewed] = await Promise.all([
    store.read('user_purchase/stage', fixture.ds),
    store.read('movie_review/stage', fixture.ds),
  ]);
  if (purchased === undefined || reviewed === undefined) throw new Error('nothing is staged');
  const load = planLoad(
    { ds: fixture.ds, run: 'with-error', log, record: new DayNotes() },
    fixture.bucket.name,
    { purchases: purchased, reviews: reviewed },
  );
  const parameters = parametersOfSet([load]);
  const steps = loadStatements().flatMap((step) =>
    step.name === after ? [step, { name: 'error', kind: 'load' as const, sql }] : [step],
  );
  const end = await fixture.warehouse.batch(
    steps.map((step) => step.sql),
    usedParameters(steps, parameters),
  );
  const failed = end.SubStatements?.findIndex(({ Status }) => Status === 'FAILED') ?? -1;
  return { status: end.Status, failed: steps[failed]?.name };
}

describe('the transaction with a built-in error (I7)', () => {
  const metric = 'public.user_behavior_metric';
  it.each([
    [
      'a customer twice',
      'insert_days',
      `insert into ${metric} select * from ${metric} where insert_date = cast(:ds_1 as date)`,
      'one_row_per_customer',
    ],
    [
      'an amount inflated by a join',
      'insert_days',
      `update ${metric} set amount_spent = amount_spent * 2 where insert_date = cast(:ds_1 as date)`,
      'amount_not_inflated',
    ],
    [
      'a lost customer',
      'insert_days',
      `delete from ${metric} where insert_date = cast(:ds_1 as date) and customerid = 2`,
      'amount_not_inflated',
    ],
    [
      'lost purchases',
      'fill_purchase_day',
      'delete from purchase_day where customer_id = 2',
      'purchases_conserved',
    ],
    [
      'purchases of another run',
      'fill_purchase_day',
      'update purchase_day set stray_rows = 1 where customer_id = 2',
      'purchases_of_published_run',
    ],
    [
      'reviews of another run',
      'fill_review_day',
      'update review_day set stray_rows = 1 where customer_id = 2',
      'reviews_of_published_run',
    ],
    [
      'lost reviews',
      'fill_review_day',
      'delete from review_day where customer_id = 2',
      'reviews_conserved',
    ],
  ])('%s: an audit fails, and the old slice stays', async (_, after, sql, audit) => {
    await using fixture = await loadedFixture();
    expect(await runWithError(fixture, after, sql)).toEqual({ status: 'FAILED', failed: audit });
    await expectOldSlice(fixture);
  });

  it('succeeds without an error, so that the failures above mean something', async () => {
    await using fixture = await loadedFixture();
    const harmless = 'delete from purchase_day where customer_id = -1';
    expect(await runWithError(fixture, 'fill_purchase_day', harmless)).toEqual({
      status: 'FINISHED',
      failed: undefined,
    });
    expect(await fixture.slice()).toEqual(expectedSlice(purchases, reviews));
  });
});

describe('a partition', () => {
  const at = (fixture: LoadFixture, run: string) =>
    s3Uri(fixture.bucket.name, runPrefix('user_purchase/stage', fixture.ds, run));

  it('that points elsewhere is set to the published run again', async () => {
    await using fixture = await loadedFixture();
    const stray = `${runPrefix('user_purchase/stage', fixture.ds, 'stray')}x.csv`;
    await fixture.bucket.put(stray, purchasesCsv(fixture.ds, changed));
    await fixture.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${fixture.ds}')
       set location '${at(fixture, 'stray')}'`,
    );
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2' });
    expect(await fixture.load()).toMatchObject({ code: 0 });
    const locations = await fixture.warehouse.query(
      `select location from svv_external_partitions
       where tablename = 'user_purchase_staging' and location like '%${fixture.bucket.name}%'`,
    );
    expect(locations).toEqual([{ location: at(fixture, 'p2') }]);
    expect(await fixture.slice()).toEqual(expectedSlice(changed, reviews));
  });

  it('that a run changed before it died is set back, although the slice is unchanged (I5)', async () => {
    await using fixture = await loadedFixture();
    const before = await fixture.ledger();
    await fixture.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${fixture.ds}')
       set location '${at(fixture, 'dead')}'`,
    );
    expect((await fixture.load()).summaries).toMatchObject([{ status: 'unchanged', exit: 0 }]);
    const locations = await fixture.warehouse.query(
      `select location from svv_external_partitions
       where tablename = 'user_purchase_staging' and location like '%${fixture.bucket.name}%'`,
    );
    expect(locations).toEqual([{ location: at(fixture, String(before?.['purchases_run'])) }]);
    expect(await fixture.ledger()).toEqual(before);
  });

  it('that another run changes just before the transaction is detected and set back', async () => {
    await using fixture = await loadedFixture();
    const stray = `${runPrefix('user_purchase/stage', fixture.ds, 'stray')}x.csv`;
    await fixture.bucket.put(
      stray,
      purchasesCsv(fixture.ds, [{ quantity: 7, price: '7', customer: 1 }]),
    );
    await stagePurchases(fixture.bucket, fixture.ds, changed, { run: 'p2' });
    // The first batch sets the partitions at once, the load is delayed.
    const milliseconds = 4_000;
    await fixture.warehouse.script(
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
      { kind: 'delay', operation: 'BatchExecuteStatement', before: milliseconds },
    );
    const loading = fixture.start('--run-id=disturbed');
    const states = async (step: string) =>
      (await fixture.warehouse.statements(`redshift-load/${fixture.ds}/disturbed/${step}`)).map(
        ({ Status }) => Status,
      );
    await expect.poll(() => states('partitions-1'), { timeout: 60_000 }).toEqual(['FINISHED']);
    await fixture.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${fixture.ds}')
       set location '${at(fixture, 'stray')}'`,
    );
    expect(await loading.ended).toMatchObject({ code: 0 });
    expect(await states('load-1')).toEqual(['FAILED']);
    expect(await states('load-2')).toEqual(['FINISHED']);
    expect(await fixture.slice()).toEqual(expectedSlice(changed, reviews));
  });
});
