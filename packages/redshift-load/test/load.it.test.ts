import { beforeAll, describe, expect, it } from 'vitest';
import { nextDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { expectedSlice, openDesk } from './desk.ts';
import { type Purchase, type Review, stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

/** Fields that shift a column or swallow a line wherever quotes are not understood. */
const details = [
  'JUMBO BAG, PINK',
  '"QUOTED"',
  'SIZE 6"',
  'BACK\\SLASH',
  'ENDS WITH \\',
  'A "B\\", C',
  '\\"',
  'TWO\nLINES, "ONE" FIELD',
  'ŻÓŁĆ 😀',
  "O'HARA",
  ',',
  '',
];
const purchases: readonly Purchase[] = [
  ...details.map((detail, index) => ({
    detail,
    quantity: 3 + index,
    price: `${String(index)}.${String(index)}5`,
    customer: 12_431 + (index % 3),
  })),
  { quantity: 7, price: '0.001', customer: 12_433 },
  { quantity: 80_995, price: '8142.75', customer: 12_440 },
  { quantity: 9, price: '2.5' },
  { quantity: 3, price: '1', detail: 'NO CUSTOMER, "EITHER"' },
  { quantity: 5, price: '1.5', customer: 13_000 },
];
const reviews: readonly Review[] = [
  { customer: 12_431, positive: true },
  { customer: 12_431, positive: false },
  { customer: 12_431, positive: true },
  { customer: 12_432, positive: false },
  { customer: 12_433, positive: true },
  { customer: 12_440, positive: true },
  { customer: 19_999, positive: true },
  { customer: 19_999, positive: false },
];

describe('a day', () => {
  it('holds what an independent computation says: no column shifts, nothing fans out', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, purchases);
    await stageReviews(desk.bucket, desk.ds, reviews);
    const { code, summaries } = await desk.load('--run-id=one');
    expect(code).toBe(0);
    const expected = expectedSlice(purchases, reviews);
    expect(expected.map(({ customerid }) => customerid)).toEqual([
      '12431',
      '12432',
      '12433',
      '12440',
    ]);
    expect(await desk.slice()).toEqual(expected);
    expect(summaries).toMatchObject([
      {
        job: 'redshift-load',
        ds: desk.ds,
        run: 'one',
        status: 'loaded',
        rows: 4,
        purchaseRows: 17,
        reviewRows: 8,
        purchasesWithoutCustomer: 2,
        customersWithoutReviews: 1,
        reviewersWithoutPurchases: 1,
        minQuantity: 2,
        exit: 0,
      },
    ]);
    const total = expected.reduce((sum, row) => sum + Number(row['amount_spent']), 0);
    expect(summaries[0]?.['amountSpent']).toBeCloseTo(total, 5);
    expect(await desk.ledger()).toMatchObject({
      run: 'one',
      purchases_run: 'p1',
      purchases_generation: '1',
      reviews_run: 'r1',
      reviews_generation: '1',
      min_quantity: '2',
      purchase_rows: '17',
      review_rows: '8',
      metric_rows: '4',
      review_count: '6',
      review_score: '4',
    });
  });

  it('whose purchases are compressed is loaded as if they were not, quotes and line breaks and all', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, purchases, { compressed: true });
    await stageReviews(desk.bucket, desk.ds, reviews);
    expect(await desk.load()).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expectedSlice(purchases, reviews));
    expect(await desk.ledger()).toMatchObject({ purchase_rows: '17', metric_rows: '4' });
  });

  it('of random rows holds what an independent computation says', async () => {
    await using desk = await openDesk(cloud, job);
    let seed = 12_345;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const bought = Array.from({ length: 3_000 }, (): Purchase => {
      const sale = {
        detail: details[random(details.length)] ?? '',
        quantity: 3 + random(500),
        price: (random(200_000) / 1_000).toFixed(random(4)),
      };
      return random(4) === 0 ? sale : { ...sale, customer: 12_000 + random(300) };
    });
    const wrote = Array.from({ length: 2_000 }, () => ({
      customer: 12_100 + random(300),
      positive: random(20) === 0,
    }));
    await stagePurchases(desk.bucket, desk.ds, bought);
    await stageReviews(desk.bucket, desk.ds, wrote);
    expect(await desk.load()).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expectedSlice(bought, wrote));
  });

  it('without purchases loads zero rows and says so', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, []);
    await stageReviews(desk.bucket, desk.ds, reviews);
    const { code, summaries, log } = await desk.load();
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'loaded', rows: 0, amountSpent: 0 }]);
    expect(log.map(({ msg }) => msg)).toContain('no purchases that day: 0 customers loaded');
    expect(await desk.slice()).toEqual([]);
    expect(await desk.ledger()).toMatchObject({ metric_rows: '0', purchase_rows: '0' });
    expect((await desk.load()).summaries).toMatchObject([{ status: 'unchanged', rows: 0 }]);
  });
});

describe('a rerun', () => {
  it('with the same upstreams changes nothing, not even the time of the load (I3)', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, purchases);
    await stageReviews(desk.bucket, desk.ds, reviews);
    await desk.load('--run-id=one');
    const [slice, ledger] = [await desk.slice(), await desk.ledger()];
    const { code, summaries } = await desk.load('--run-id=two');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ run: 'two', status: 'unchanged', rows: 4 }]);
    expect(await desk.slice()).toEqual(slice);
    expect(await desk.ledger()).toEqual(ledger);
  });

  it('mends a slice that someone has changed', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, purchases);
    await stageReviews(desk.bucket, desk.ds, reviews);
    await desk.load();
    const day = `insert_date = '${desk.ds}'`;
    for (const change of [
      `delete from public.user_behavior_metric where ${day} and customerid = 12432`,
      `update public.user_behavior_metric set amount_spent = 1 where ${day} and customerid = 12431`,
      `update public.user_behavior_metric set review_score = 9 where ${day} and customerid = 12431`,
    ]) {
      await desk.warehouse.query(change);
      expect((await desk.load()).summaries).toMatchObject([{ status: 'loaded' }]);
      expect(await desk.slice()).toEqual(expectedSlice(purchases, reviews));
    }
  });

  it('with a new upstream replaces the slice: a customer that vanished is gone', async () => {
    await using desk = await openDesk(cloud, job);
    await stagePurchases(desk.bucket, desk.ds, purchases);
    await stageReviews(desk.bucket, desk.ds, reviews);
    await desk.load('--run-id=one');
    const fewer = purchases.filter(({ customer }) => customer !== 12_432);
    await stagePurchases(desk.bucket, desk.ds, fewer, { run: 'p2', minQuantity: 5 });
    const { summaries } = await desk.load('--run-id=two');
    expect(summaries).toMatchObject([{ status: 'loaded', rows: 3, minQuantity: 5 }]);
    expect(await desk.slice()).toEqual(expectedSlice(fewer, reviews));
    expect(await desk.ledger()).toMatchObject({
      run: 'two',
      purchases_run: 'p2',
      purchases_generation: '2',
      reviews_run: 'r1',
      min_quantity: '5',
      metric_rows: '3',
    });
    const more = [...reviews, { customer: 13_000, positive: true }];
    await stageReviews(desk.bucket, desk.ds, more, { run: 'r2' });
    await desk.load('--run-id=three');
    expect(await desk.slice()).toEqual(expectedSlice(fewer, more));
    expect(await desk.ledger()).toMatchObject({ reviews_run: 'r2', reviews_generation: '2' });
  });
});

describe('a range', () => {
  it('loads every day by itself, none of which touches another (I4)', async () => {
    await using desk = await openDesk(cloud, job);
    const [first, second, third] = [desk.ds, nextDs(desk.ds), nextDs(nextDs(desk.ds))];
    const some = purchases.slice(0, 5);
    await stagePurchases(desk.bucket, first, purchases);
    await stageReviews(desk.bucket, first, reviews);
    await stagePurchases(desk.bucket, third, some);
    await stageReviews(desk.bucket, third, reviews);
    const { code, summaries } = await desk.load(`--through=${third}`);
    expect(code).toBe(75);
    expect(Object.fromEntries(summaries.map(({ ds, exit }) => [ds, exit]))).toEqual({
      [first]: 0,
      [second]: 75,
      [third]: 0,
    });
    expect(await desk.slice(first)).toEqual(expectedSlice(purchases, reviews));
    expect(await desk.slice(second)).toEqual([]);
    expect(await desk.slice(third)).toEqual(expectedSlice(some, reviews));
  });

  it('asks once for all its days, adds their partitions together, and finds them again', async () => {
    await using desk = await openDesk(cloud, job);
    const days = [desk.ds];
    while (days.length < 5) days.push(nextDs(days.at(-1) ?? desk.ds));
    const last = days.at(-1) ?? desk.ds;
    for (const ds of days) {
      await stagePurchases(desk.bucket, ds, purchases);
      await stageReviews(desk.bucket, ds, reviews);
    }
    const range = `${desk.ds}..${last}`;
    const texts = async (run: string, step: string) =>
      (await desk.warehouse.statements(`redshift-load/days/${range}/${run}/${step}`)).map(
        ({ QueryStrings = [], QueryString }) => [...QueryStrings, QueryString ?? ''].join('; '),
      );
    expect(await desk.load(`--through=${last}`, '--run-id=one')).toMatchObject({ code: 0 });
    expect(await texts('one', 'loaded')).toHaveLength(1);
    const [added, ...more] = await texts('one', 'partitions-1');
    expect(more).toEqual([]);
    expect(added?.match(/add if not exists/g)).toHaveLength(2);
    expect(added?.match(/partition \(/g)).toHaveLength(2 * days.length);
    expect(added).not.toContain('set location');

    // One day has new purchases, the partition of another points elsewhere.
    const [, second = desk.ds, third = desk.ds] = days;
    await stagePurchases(desk.bucket, second, purchases.slice(0, 5), { run: 'p2' });
    await desk.warehouse.query(
      `alter table spectrum.movie_review_clean_stage partition (insert_date = '${third}')
       set location 's3://${desk.bucket.name}/movie_review/stage/${third}/stray/'`,
    );
    const again = await desk.load(`--through=${last}`, '--run-id=two');
    expect(again.code).toBe(0);
    expect(Object.fromEntries(again.summaries.map(({ ds, status }) => [ds, status]))).toEqual(
      Object.fromEntries(days.map((ds) => [ds, ds === second ? 'loaded' : 'unchanged'])),
    );
    const [moved] = await texts('two', 'partitions-1');
    expect(moved?.match(/set location '[^']*'/g)).toEqual([
      `set location 's3://${desk.bucket.name}/user_purchase/stage/${second}/p2/'`,
      `set location 's3://${desk.bucket.name}/movie_review/stage/${third}/r1/'`,
    ]);
    expect(moved).not.toContain('add if');
    expect(await desk.slice(second)).toEqual(expectedSlice(purchases.slice(0, 5), reviews));
    for (const ds of days.filter((day) => day !== second)) {
      expect(await desk.slice(ds)).toEqual(expectedSlice(purchases, reviews));
    }
    await desk.load(`--through=${last}`, '--run-id=three');
    expect(await texts('three', 'partitions-1')).toEqual([]);
  });

  it('of which one day is refused loads the others', async () => {
    await using desk = await openDesk(cloud, job);
    const [second, third] = [nextDs(desk.ds), nextDs(nextDs(desk.ds))];
    for (const ds of [desk.ds, second, third]) {
      await stagePurchases(desk.bucket, ds, purchases, ds === second ? { rows: 1 } : {});
      await stageReviews(desk.bucket, ds, reviews);
    }
    const { code, summaries } = await desk.load(`--through=${third}`);
    expect(code).toBe(65);
    expect(Object.fromEntries(summaries.map(({ ds, exit }) => [ds, exit]))).toEqual({
      [desk.ds]: 0,
      [second]: 65,
      [third]: 0,
    });
    expect(await desk.slice(second)).toEqual([]);
    expect(await desk.slice(third)).toEqual(expectedSlice(purchases, reviews));
  });

  it('with --depends-on-past refuses a day while the one before is not loaded', async () => {
    await using desk = await openDesk(cloud, job);
    const second = nextDs(desk.ds);
    for (const ds of [desk.ds, second]) {
      await stagePurchases(desk.bucket, ds, purchases);
      await stageReviews(desk.bucket, ds, reviews);
    }
    const late = await job.run(desk.env, `--ds=${second}`, '--depends-on-past');
    expect(late.code).toBe(75);
    expect(late.summaries).toMatchObject([{ kind: 'not-ready', exit: 75 }]);
    expect(late.summaries[0]?.['message']).toContain(`${desk.ds}, the day before`);
    expect(await desk.slice(second)).toEqual([]);
    const refused = await desk.load('--depends-on-past');
    expect(refused.code).toBe(75);
    const start = { ...desk.env, HISTORY_START: desk.ds };
    const first = await job.run(start, `--ds=${desk.ds}`, '--depends-on-past');
    expect(first).toMatchObject({ code: 0, summaries: [{ status: 'loaded' }] });
    const after = await job.run(desk.env, `--ds=${second}`, '--depends-on-past');
    expect(after).toMatchObject({ code: 0 });
    expect(await desk.slice(second)).toHaveLength(4);

    const third = nextDs(second);
    const fourth = nextDs(third);
    for (const ds of [third, fourth]) {
      await stagePurchases(desk.bucket, ds, purchases);
      await stageReviews(desk.bucket, ds, reviews);
    }
    const range = [`--ds=${third}`, `--through=${fourth}`, '--depends-on-past'];
    expect(await job.run(desk.env, ...range)).toMatchObject({ code: 0 });
  });
});

describe('an upstream that is missing', () => {
  it.each(['purchases', 'reviews'])('%s: the day is not ready', async (missing) => {
    await using desk = await openDesk(cloud, job);
    if (missing !== 'purchases') await stagePurchases(desk.bucket, desk.ds, purchases);
    if (missing !== 'reviews') await stageReviews(desk.bucket, desk.ds, reviews);
    const { code, summaries } = await desk.load();
    expect(code).toBe(75);
    const dataset = missing === 'purchases' ? 'user_purchase/stage' : 'movie_review/stage';
    expect(summaries).toMatchObject([{ kind: 'not-ready' }]);
    expect(summaries[0]?.['message']).toContain(`${dataset} of ${desk.ds} has not been published`);
  });
});
