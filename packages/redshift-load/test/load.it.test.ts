import { beforeAll, describe, expect, it } from 'vitest';
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { changesHeadKey } from '@user-behaviour/shared/keys';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { expectedSlice, openFixture } from './load-fixture.ts';
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

/** Fields that shift columns or join lines in a reader that misreads quotes. */
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
  { quantity: 1_000, price: '0.0005', customer: 12_433 },
  { quantity: 3, price: '0.00001', customer: 12_433 },
  { quantity: 80_995, price: '8142.75', customer: 12_440 },
  { quantity: 3, price: '29999.12345', customer: 12_440 },
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
  it('equals an independent computation: no column shifts, nothing fans out', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    const { code, summaries } = await fixture.load('--run-id=one');
    expect(code).toBe(0);
    const expected = expectedSlice(purchases, reviews);
    expect(expected.map(({ customerid }) => customerid)).toEqual([
      '12431',
      '12432',
      '12433',
      '12440',
    ]);
    expect(await fixture.slice()).toEqual(expected);
    expect(summaries).toMatchObject([
      {
        job: 'redshift-load',
        ds: fixture.ds,
        run: 'one',
        status: 'loaded',
        rows: 4,
        purchaseRows: 20,
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
    expect(await fixture.ledger()).toMatchObject({
      run: 'one',
      purchases_run: 'p1',
      purchases_generation: '1',
      reviews_run: 'r1',
      reviews_generation: '1',
      min_quantity: '2',
      purchase_rows: '20',
      review_rows: '8',
      metric_rows: '4',
      review_count: '6',
      review_score: '4',
    });
  });

  it('whose purchases are compressed is loaded like any other, with quotes and line breaks', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases, { compressed: true });
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    expect(await fixture.load()).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expectedSlice(purchases, reviews));
    expect(await fixture.ledger()).toMatchObject({ purchase_rows: '20', metric_rows: '4' });
  });

  it('of random rows equals an independent computation', async () => {
    await using fixture = await openFixture(cloud, job);
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
    await stagePurchases(fixture.bucket, fixture.ds, bought);
    await stageReviews(fixture.bucket, fixture.ds, wrote);
    expect(await fixture.load()).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expectedSlice(bought, wrote));
  });

  it('without purchases loads no rows and says so', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, []);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    const { code, summaries, log } = await fixture.load();
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'loaded', rows: 0, amountSpent: 0 }]);
    expect(log.map(({ msg }) => msg)).toContain('no purchases on this day: 0 customers loaded');
    expect(await fixture.slice()).toEqual([]);
    expect(await fixture.ledger()).toMatchObject({ metric_rows: '0', purchase_rows: '0' });
    expect((await fixture.load()).summaries).toMatchObject([{ status: 'unchanged', rows: 0 }]);
  });
});

describe('a rerun', () => {
  it('with the same upstreams changes nothing, not even the time of the load (I3)', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    await fixture.load('--run-id=one');
    const [slice, ledger] = [await fixture.slice(), await fixture.ledger()];
    const { code, summaries } = await fixture.load('--run-id=two');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ run: 'two', status: 'unchanged', rows: 4 }]);
    expect(await fixture.slice()).toEqual(slice);
    expect(await fixture.ledger()).toEqual(ledger);
  });

  it('loads a day again that was loaded with other SQL, but not if the SQL is unknown', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    const { summaries } = await fixture.load('--run-id=one');
    const loadSql = summaries[0]?.['loadSql'];
    expect(loadSql).toMatch(/^[0-9a-f]{64}$/);
    expect(await fixture.ledger()).toMatchObject({ load_sql: loadSql });
    const plan = await fixture.load('--dry-run');
    expect(plan.summaries).toMatchObject([{ parameters: { loadSql } }]);
    const record = (sql: string) =>
      fixture.warehouse.query(
        `update public.user_behavior_metric_load set load_sql = ${sql} where ds = '${fixture.ds}'`,
      );
    await record('null');
    expect((await fixture.load()).summaries).toMatchObject([
      { status: 'unchanged', loadSql: null },
    ]);
    await record("'other'");
    expect((await fixture.load()).summaries).toMatchObject([{ status: 'loaded', loadSql }]);
    expect(await fixture.ledger()).toMatchObject({ load_sql: loadSql });
    expect((await fixture.load()).summaries).toMatchObject([{ status: 'unchanged', loadSql }]);
  });

  it('repairs a slice that someone has changed', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    await fixture.load();
    const day = `insert_date = '${fixture.ds}'`;
    for (const change of [
      `delete from public.user_behavior_metric where ${day} and customerid = 12432`,
      `update public.user_behavior_metric set amount_spent = 1 where ${day} and customerid = 12431`,
      `update public.user_behavior_metric set review_score = 9 where ${day} and customerid = 12431`,
    ]) {
      await fixture.warehouse.query(change);
      expect((await fixture.load()).summaries).toMatchObject([{ status: 'loaded' }]);
      expect(await fixture.slice()).toEqual(expectedSlice(purchases, reviews));
    }
  });

  it('with a new upstream replaces the slice: a customer that is no longer there is gone', async () => {
    await using fixture = await openFixture(cloud, job);
    await stagePurchases(fixture.bucket, fixture.ds, purchases);
    await stageReviews(fixture.bucket, fixture.ds, reviews);
    await fixture.load('--run-id=one');
    const fewer = purchases.filter(({ customer }) => customer !== 12_432);
    await stagePurchases(fixture.bucket, fixture.ds, fewer, { run: 'p2', minQuantity: 5 });
    const { summaries } = await fixture.load('--run-id=two');
    expect(summaries).toMatchObject([{ status: 'loaded', rows: 3, minQuantity: 5 }]);
    expect(await fixture.slice()).toEqual(expectedSlice(fewer, reviews));
    expect(await fixture.ledger()).toMatchObject({
      run: 'two',
      purchases_run: 'p2',
      purchases_generation: '2',
      reviews_run: 'r1',
      min_quantity: '5',
      metric_rows: '3',
    });
    const more = [...reviews, { customer: 13_000, positive: true }];
    await stageReviews(fixture.bucket, fixture.ds, more, { run: 'r2' });
    await fixture.load('--run-id=three');
    expect(await fixture.slice()).toEqual(expectedSlice(fewer, more));
    expect(await fixture.ledger()).toMatchObject({ reviews_run: 'r2', reviews_generation: '2' });
  });
});

describe('a range', () => {
  it('loads each day without changing another (I4)', async () => {
    await using fixture = await openFixture(cloud, job);
    const [first, second, third] = [fixture.ds, nextDs(fixture.ds), nextDs(nextDs(fixture.ds))];
    const some = purchases.slice(0, 5);
    await stagePurchases(fixture.bucket, first, purchases);
    await stageReviews(fixture.bucket, first, reviews);
    await stagePurchases(fixture.bucket, third, some);
    await stageReviews(fixture.bucket, third, reviews);
    const { code, summaries } = await fixture.load(`--through=${third}`);
    expect(code).toBe(75);
    expect(Object.fromEntries(summaries.map(({ ds, exit }) => [ds, exit]))).toEqual({
      [first]: 0,
      [second]: 75,
      [third]: 0,
    });
    expect(await fixture.slice(first)).toEqual(expectedSlice(purchases, reviews));
    expect(await fixture.slice(second)).toEqual([]);
    expect(await fixture.slice(third)).toEqual(expectedSlice(some, reviews));
  });

  it('queries all its days at once, adds their partitions together, and finds them again', async () => {
    await using fixture = await openFixture(cloud, job);
    const days = [fixture.ds];
    while (days.length < 5) days.push(nextDs(days.at(-1) ?? fixture.ds));
    const last = days.at(-1) ?? fixture.ds;
    for (const ds of days) {
      await stagePurchases(fixture.bucket, ds, purchases);
      await stageReviews(fixture.bucket, ds, reviews);
    }
    const range = `${fixture.ds}..${last}`;
    const texts = async (run: string, step: string) =>
      (await fixture.warehouse.statements(`redshift-load/days/${range}/${run}/${step}`)).map(
        ({ QueryStrings = [], QueryString }) => [...QueryStrings, QueryString ?? ''].join('; '),
      );
    expect(await fixture.load(`--through=${last}`, '--run-id=one')).toMatchObject({ code: 0 });
    expect(await texts('one', 'loaded')).toHaveLength(1);
    const [added, ...more] = await texts('one', 'partitions-1');
    expect(more).toEqual([]);
    expect(added?.match(/add if not exists/g)).toHaveLength(2);
    expect(added?.match(/partition \(/g)).toHaveLength(2 * days.length);
    expect(added).not.toContain('set location');
    // One transaction loads them all.
    const [loaded, ...others] = await texts('one', 'load-1');
    expect(others).toEqual([]);
    expect(loaded?.match(/\block public\./g)).toHaveLength(1);
    expect(loaded?.match(/from spectrum\./g)).toHaveLength(2);

    // One day has new purchases; a partition of another day points elsewhere.
    const [, second = fixture.ds, third = fixture.ds] = days;
    await stagePurchases(fixture.bucket, second, purchases.slice(0, 5), { run: 'p2' });
    await fixture.warehouse.query(
      `alter table spectrum.movie_review_clean_stage partition (insert_date = '${third}')
       set location 's3://${fixture.bucket.name}/movie_review/stage/${third}/stray/'`,
    );
    const again = await fixture.load(`--through=${last}`, '--run-id=two');
    expect(again.code).toBe(0);
    expect(Object.fromEntries(again.summaries.map(({ ds, status }) => [ds, status]))).toEqual(
      Object.fromEntries(days.map((ds) => [ds, ds === second ? 'loaded' : 'unchanged'])),
    );
    const [moved] = await texts('two', 'partitions-1');
    expect(moved?.match(/set location '[^']*'/g)).toEqual([
      `set location 's3://${fixture.bucket.name}/user_purchase/stage/${second}/p2/'`,
      `set location 's3://${fixture.bucket.name}/movie_review/stage/${third}/r1/'`,
    ]);
    expect(moved).not.toContain('add if');
    expect(await fixture.slice(second)).toEqual(expectedSlice(purchases.slice(0, 5), reviews));
    for (const ds of days.filter((day) => day !== second)) {
      expect(await fixture.slice(ds)).toEqual(expectedSlice(purchases, reviews));
    }
    await fixture.load(`--through=${last}`, '--run-id=three');
    expect(await texts('three', 'partitions-1')).toEqual([]);
  });

  it('with --wait loads the days that are ready together, while another day is not there yet', async () => {
    await using fixture = await openFixture(cloud, job);
    const [second, third] = [nextDs(fixture.ds), nextDs(nextDs(fixture.ds))];
    const stage = async (ds: Ds) => {
      await stagePurchases(fixture.bucket, ds, purchases);
      await stageReviews(fixture.bucket, ds, reviews);
    };
    await stage(fixture.ds);
    await stage(second);
    const running = fixture.start(`--through=${third}`, '--run-id=one', '--wait=5m');
    const expected = expectedSlice(purchases, reviews);
    for (const ds of [fixture.ds, second]) {
      await expect.poll(() => fixture.slice(ds), { timeout: 60_000 }).toEqual(expected);
    }
    const queries = `redshift-load/days/${fixture.ds}..${second}/one/loaded`;
    expect(await fixture.warehouse.statements(queries)).toHaveLength(1);
    await stage(third);
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await fixture.slice(third)).toEqual(expected);
  });

  it('of which one day fails loads the others', async () => {
    await using fixture = await openFixture(cloud, job);
    const [second, third] = [nextDs(fixture.ds), nextDs(nextDs(fixture.ds))];
    for (const ds of [fixture.ds, second, third]) {
      await stagePurchases(fixture.bucket, ds, purchases, ds === second ? { rows: 1 } : {});
      await stageReviews(fixture.bucket, ds, reviews);
    }
    const { code, summaries } = await fixture.load(`--through=${third}`, '--run-id=one');
    expect(code).toBe(65);
    expect(Object.fromEntries(summaries.map(({ ds, exit }) => [ds, exit]))).toEqual({
      [fixture.ds]: 0,
      [second]: 65,
      [third]: 0,
    });
    expect(await fixture.slice(second)).toEqual([]);
    for (const ds of [fixture.ds, third]) {
      expect(await fixture.slice(ds)).toEqual(expectedSlice(purchases, reviews));
    }
    // The audit has named the day: the others are loaded together, and it stands alone.
    const states = async (days: string) =>
      (await fixture.warehouse.statements(`redshift-load/${days}/one/load-1`))
        .map(({ Status }) => Status)
        .sort();
    expect(await states(`days/${fixture.ds}..${third}`)).toEqual(['FAILED', 'FINISHED']);
    expect(await states(second)).toEqual(['FAILED']);
  });

  it('with --depends-on-past rejects a day until the day before is loaded', async () => {
    await using fixture = await openFixture(cloud, job);
    const second = nextDs(fixture.ds);
    for (const ds of [fixture.ds, second]) {
      await stagePurchases(fixture.bucket, ds, purchases);
      await stageReviews(fixture.bucket, ds, reviews);
    }
    const late = await job.run(fixture.env, `--ds=${second}`, '--depends-on-past');
    expect(late.code).toBe(75);
    expect(late.summaries).toMatchObject([{ kind: 'not-ready', exit: 75 }]);
    expect(late.summaries[0]?.['message']).toContain(`${fixture.ds}, the day before`);
    expect(await fixture.slice(second)).toEqual([]);
    const refused = await fixture.load('--depends-on-past');
    expect(refused.code).toBe(75);
    const start = { ...fixture.env, HISTORY_START: fixture.ds };
    const first = await job.run(start, `--ds=${fixture.ds}`, '--depends-on-past');
    expect(first).toMatchObject({ code: 0, summaries: [{ status: 'loaded' }] });
    const after = await job.run(fixture.env, `--ds=${second}`, '--depends-on-past');
    expect(after).toMatchObject({ code: 0 });
    expect(await fixture.slice(second)).toHaveLength(4);

    const third = nextDs(second);
    const fourth = nextDs(third);
    for (const ds of [third, fourth]) {
      await stagePurchases(fixture.bucket, ds, purchases);
      await stageReviews(fixture.bucket, ds, reviews);
    }
    const range = [`--ds=${third}`, `--through=${fourth}`, '--depends-on-past'];
    expect(await job.run(fixture.env, ...range)).toMatchObject({ code: 0 });
  });
});

describe('a look back', () => {
  it('loads those of the earlier days again that were published again since they were loaded', async () => {
    await using fixture = await openFixture(cloud, job);
    const { ds } = fixture;
    const [second, third] = [nextDs(ds), nextDs(nextDs(ds))];
    const one = purchases.slice(0, 1);
    for (const day of [ds, second, third]) {
      await stagePurchases(fixture.bucket, day, one);
      await stageReviews(fixture.bucket, day, reviews);
    }
    const back = () => job.run(fixture.env, `--ds=${third}`, '--look-back=5');
    const told = async () =>
      (await back()).summaries.map((summary) => [summary['ds'], summary['status']]);
    // Days that were never loaded are not its business.
    await fixture.load();
    expect(await told()).toEqual([[third, 'loaded']]);
    await stagePurchases(fixture.bucket, ds, purchases, { run: 'late' });
    expect(await told()).toEqual([
      [third, 'unchanged'],
      [ds, 'loaded'],
    ]);
    expect(await fixture.slice()).toEqual(expectedSlice(purchases, reviews));
    expect(await told()).toEqual([[third, 'unchanged']]);
    // As capture-purchases records it, of a day that is older than the look back.
    await fixture.bucket.put(changesHeadKey, JSON.stringify(exampleHead([ds, third])));
    await stagePurchases(fixture.bucket, ds, one, { run: 'captured' });
    const near = await job.run(fixture.env, `--ds=${third}`, '--look-back=1');
    expect(near.summaries.map((summary) => [summary['ds'], summary['status']])).toEqual([
      [third, 'unchanged'],
      [ds, 'loaded'],
    ]);
    await fixture.bucket.put(changesHeadKey, '{}');
    const warned = await job.run(fixture.env, `--ds=${third}`, '--look-back=1');
    expect(warned.code).toBe(0);
    expect(warned.log.map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('is not a pointer to changes of version 1'),
    );
    // A damaged manifest costs its own day a warning.
    await fixture.bucket.put(`user_purchase/stage/${ds}/_manifest.json`, '{');
    const { code, log } = await back();
    expect(code).toBe(0);
    expect(log.map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('cannot look back at the day'),
    );
  });
});

describe('a partial day that is over', () => {
  it('is waited for, and loaded by a run that does not wait', async () => {
    await using fixture = await openFixture(cloud, job);
    const { bucket, ds, env } = fixture;
    await stagePurchases(bucket, ds, purchases);
    await stageReviews(bucket, ds, reviews);
    const pointer = `user_purchase/stage/${ds}/_manifest.json`;
    const manifest = JSON.parse(await bucket.text(pointer)) as object;
    await bucket.put(
      pointer,
      JSON.stringify({ ...manifest, completeUntil: `${ds}T23:15:00.000Z` }),
    );
    const waited = await job.run(env, `--ds=${ds}`, '--wait=1s');
    expect(waited.code).toBe(75);
    expect(waited.summaries[0]?.['message']).toContain(
      `user_purchase/stage of ${ds} is partial: it was read before the day was over`,
    );
    expect(await job.run(env, `--ds=${ds}`)).toMatchObject({ code: 0 });
  });
});

describe('the metric', () => {
  it('of a day is not the sum over its hours: each hour counts all reviews of the day', async () => {
    await using fixture = await openFixture(cloud, job);
    const [morning, afternoon] = [
      { customer: 17_850, quantity: 6, price: '2.55' },
      { customer: 17_850, quantity: 6, price: '3.39' },
    ];
    const both = [1, 2].map(() => ({ customer: 17_850, positive: true }));
    // As if each of these hours were a day, and then the day itself.
    const parts = [[morning], [afternoon], [morning, afternoon]];
    let ds = fixture.ds;
    const slices: object[] = [];
    for (const part of parts) {
      await stagePurchases(fixture.bucket, ds, part);
      await stageReviews(fixture.bucket, ds, both);
      expect(await job.run(fixture.env, `--ds=${ds}`)).toMatchObject({ code: 0 });
      slices.push(...(await fixture.slice(ds)));
      ds = nextDs(ds);
    }
    const row = (amount: string) => ({
      amount_spent: amount,
      review_score: '2',
      review_count: '2',
    });
    expect(slices).toMatchObject([row('15.30000'), row('20.34000'), row('35.64000')]);
  });
});

describe('a missing upstream', () => {
  it.each(['purchases', 'reviews'])('%s: the day is not ready', async (missing) => {
    await using fixture = await openFixture(cloud, job);
    if (missing !== 'purchases') await stagePurchases(fixture.bucket, fixture.ds, purchases);
    if (missing !== 'reviews') await stageReviews(fixture.bucket, fixture.ds, reviews);
    const { code, summaries } = await fixture.load();
    expect(code).toBe(75);
    const dataset = missing === 'purchases' ? 'user_purchase/stage' : 'movie_review/stage';
    expect(summaries).toMatchObject([{ kind: 'not-ready' }]);
    expect(summaries[0]?.['message']).toContain(
      `${dataset} of ${fixture.ds} has not been published`,
    );
  });
});
