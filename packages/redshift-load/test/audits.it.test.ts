import { beforeAll, describe, expect, it } from 'vitest';
import { runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { createLog } from '@user-behaviour/shared/runner/log';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { type BundledJob, bundleJob, type Entry } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { planLoad } from '../src/load/transaction.ts';
import { usedParameters } from '../src/data-api/sql.ts';
import { type Desk, expectedSlice, openDesk } from './desk.ts';
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

/** A day that has been loaded well; what stands then must stand after every refusal. */
async function loadedDesk(): Promise<Desk> {
  await using stack = new AsyncDisposableStack();
  const desk = stack.use(await openDesk(cloud, job));
  await stagePurchases(desk.bucket, desk.ds, purchases);
  await stageReviews(desk.bucket, desk.ds, reviews);
  expect(await desk.load('--run-id=good')).toMatchObject({ code: 0 });
  stack.move();
  return desk;
}

async function expectOldSlice(desk: Desk): Promise<void> {
  expect(await desk.slice()).toEqual(expectedSlice(purchases, reviews));
  expect(await desk.ledger()).toMatchObject({
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

describe('an audit that fails leaves the old slice whole and ends with 65 (I7, I8):', () => {
  it('the manifest counts a purchase that is not there', async () => {
    await using desk = await loadedDesk();
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2', rows: 2 });
    const { code, summaries } = await desk.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'purchases_conserved');
    await expectOldSlice(desk);
  });

  it('the manifest counts a review that is not there', async () => {
    await using desk = await loadedDesk();
    await stageReviews(desk.bucket, desk.ds, reviews, { run: 'r2', rows: 3 });
    const { code, summaries } = await desk.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'reviews_conserved');
    await expectOldSlice(desk);
  });

  it('a stray file of purchases lies in the folder of the run', async () => {
    await using desk = await loadedDesk();
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2' });
    const folder = runPrefix('user_purchase/stage', desk.ds, 'p2');
    await desk.bucket.put(`${folder}again.csv`, purchasesCsv(desk.ds, changed));
    const { code, summaries } = await desk.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'purchases_conserved');
    await expectOldSlice(desk);
  });

  it('a stray file of reviews lies in the folder of the run', async () => {
    await using desk = await loadedDesk();
    const more = [...reviews, { customer: 1, positive: false }];
    await stageReviews(desk.bucket, desk.ds, more, { run: 'r2' });
    const folder = runPrefix('movie_review/stage', desk.ds, 'r2');
    await desk.bucket.put(`${folder}part-00001.parquet`, await reviewsParquet(reviews));
    const { code, summaries } = await desk.load();
    expect(code).toBe(65);
    expectAudit(summaries, 'reviews_conserved');
    await expectOldSlice(desk);
  });

  it('files that a query passes over are no stray ones', async () => {
    await using desk = await loadedDesk();
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2' });
    const folder = runPrefix('user_purchase/stage', desk.ds, 'p2');
    await desk.bucket.put(`${folder}_notes.csv`, purchasesCsv(desk.ds, changed));
    await desk.bucket.put(`${folder}.hidden`, purchasesCsv(desk.ds, changed));
    expect(await desk.load()).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expectedSlice(changed, reviews));
  });

  it('the ledger holds a later generation than the manifests', async () => {
    await using desk = await loadedDesk();
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2' });
    for (const column of ['purchases_generation', 'reviews_generation']) {
      await desk.warehouse.query(
        `update public.user_behavior_metric_load set ${column} = 99 where ds = '${desk.ds}'`,
      );
      const { code, summaries } = await desk.load();
      expect(code).toBe(65);
      expect(summaries[0]?.['message']).toContain('a later generation');
      expect(summaries[0]?.['action']).toContain('public.user_behavior_metric_load');
      await expectOldSlice(desk);
      await desk.warehouse.query(
        `update public.user_behavior_metric_load set ${column} = 1 where ds = '${desk.ds}'`,
      );
    }
  });

  it('a statement of the load cannot run: the failure names it, and no value of a row (I10)', async () => {
    await using desk = await loadedDesk();
    await stagePurchases(
      desk.bucket,
      desk.ds,
      [{ quantity: 3, price: 'secret-row', customer: 1 }],
      {
        run: 'p2',
      },
    );
    const { code, summaries, log } = await desk.load();
    expect(code).toBe(65);
    expect(summaries).toMatchObject([{ kind: 'data' }]);
    expect(summaries[0]?.['message']).toContain('statement fill_purchase_day failed');
    expect(JSON.stringify([summaries, log])).not.toContain('secret-row');
    await expectOldSlice(desk);
  });
});

/** The job's own transaction with one statement more: what an error in it would do. */
async function sabotaged(desk: Desk, after: string, sql: string) {
  const store = new ManifestStore(desk.bucket.client, desk.bucket.name);
  const [purchased, reviewed] = await Promise.all([
    store.read('user_purchase/stage', desk.ds),
    store.read('movie_review/stage', desk.ds),
  ]);
  if (purchased === undefined || reviewed === undefined) throw new Error('nothing is staged');
  const { transaction, parameters } = planLoad(
    { ds: desk.ds, run: 'sabotaged', log },
    desk.bucket.name,
    { purchases: purchased, reviews: reviewed },
  );
  const steps = transaction.flatMap((step) =>
    step.name === after ? [step, { name: 'sabotage', kind: 'load' as const, sql }] : [step],
  );
  const end = await desk.warehouse.batch(
    steps.map((step) => step.sql),
    usedParameters(steps, parameters),
  );
  const failed = end.SubStatements?.findIndex(({ Status }) => Status === 'FAILED') ?? -1;
  return { status: end.Status, failed: steps[failed]?.name };
}

describe('the transaction with an error built in (I7)', () => {
  const metric = 'public.user_behavior_metric';
  it.each([
    [
      'a customer twice',
      'insert_day',
      `insert into ${metric} select * from ${metric} where insert_date = cast(:ds as date)`,
      'one_row_per_customer',
    ],
    [
      'an amount that fanned out',
      'insert_day',
      `update ${metric} set amount_spent = amount_spent * 2 where insert_date = cast(:ds as date)`,
      'amount_not_inflated',
    ],
    [
      'a customer lost on the way',
      'insert_day',
      `delete from ${metric} where insert_date = cast(:ds as date) and customerid = 2`,
      'amount_not_inflated',
    ],
    [
      'purchases lost on the way',
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
      'reviews lost on the way',
      'fill_review_day',
      'delete from review_day where customer_id = 2',
      'reviews_conserved',
    ],
  ])('%s is refused, and the old slice stands', async (_, after, sql, audit) => {
    await using desk = await loadedDesk();
    expect(await sabotaged(desk, after, sql)).toEqual({ status: 'FAILED', failed: audit });
    await expectOldSlice(desk);
  });

  it('and without one it succeeds, so that the refusals above mean something', async () => {
    await using desk = await loadedDesk();
    const harmless = 'delete from purchase_day where customer_id = -1';
    expect(await sabotaged(desk, 'fill_purchase_day', harmless)).toEqual({
      status: 'FINISHED',
      failed: undefined,
    });
    expect(await desk.slice()).toEqual(expectedSlice(purchases, reviews));
  });
});

describe('a partition', () => {
  const at = (desk: Desk, run: string) =>
    s3Uri(desk.bucket.name, runPrefix('user_purchase/stage', desk.ds, run));

  it('that points elsewhere is pointed at the published run again', async () => {
    await using desk = await loadedDesk();
    const stray = `${runPrefix('user_purchase/stage', desk.ds, 'stray')}x.csv`;
    await desk.bucket.put(stray, purchasesCsv(desk.ds, changed));
    await desk.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${desk.ds}')
       set location '${at(desk, 'stray')}'`,
    );
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2' });
    expect(await desk.load()).toMatchObject({ code: 0 });
    const locations = await desk.warehouse.query(
      `select location from svv_external_partitions
       where tablename = 'user_purchase_staging' and location like '%${desk.bucket.name}%'`,
    );
    expect(locations).toEqual([{ location: at(desk, 'p2') }]);
    expect(await desk.slice()).toEqual(expectedSlice(changed, reviews));
  });

  it('that a run which died before its load left behind is mended, though the slice stands (I5)', async () => {
    await using desk = await loadedDesk();
    const before = await desk.ledger();
    await desk.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${desk.ds}')
       set location '${at(desk, 'dead')}'`,
    );
    expect((await desk.load()).summaries).toMatchObject([{ status: 'unchanged', exit: 0 }]);
    const locations = await desk.warehouse.query(
      `select location from svv_external_partitions
       where tablename = 'user_purchase_staging' and location like '%${desk.bucket.name}%'`,
    );
    expect(locations).toEqual([{ location: at(desk, String(before?.['purchases_run'])) }]);
    expect(await desk.ledger()).toEqual(before);
  });

  it('that another run points elsewhere just before the transaction is noticed and mended', async () => {
    await using desk = await loadedDesk();
    const stray = `${runPrefix('user_purchase/stage', desk.ds, 'stray')}x.csv`;
    await desk.bucket.put(stray, purchasesCsv(desk.ds, [{ quantity: 7, price: '7', customer: 1 }]));
    await stagePurchases(desk.bucket, desk.ds, changed, { run: 'p2' });
    // The partitions pass at once, the load after this while.
    const milliseconds = 4_000;
    await desk.warehouse.script(
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
      { kind: 'delay', operation: 'BatchExecuteStatement', before: milliseconds },
    );
    const loading = desk.start('--run-id=disturbed');
    const states = async (step: string) =>
      (await desk.warehouse.statements(`redshift-load/${desk.ds}/disturbed/${step}`)).map(
        ({ Status }) => Status,
      );
    await expect.poll(() => states('partitions-1'), { timeout: 20_000 }).toEqual(['FINISHED']);
    await desk.warehouse.query(
      `alter table spectrum.user_purchase_staging partition (insert_date = '${desk.ds}')
       set location '${at(desk, 'stray')}'`,
    );
    expect(await loading.ended).toMatchObject({ code: 0 });
    expect(await states('load-1')).toEqual(['FAILED']);
    expect(await states('load-2')).toEqual(['FINISHED']);
    expect(await desk.slice()).toEqual(expectedSlice(changed, reviews));
  });
});
