/** What becomes of the rows of a day, in numbers: each row of the source is in exactly one of them. */
import { type BundledJob, bundleJob, type Entry } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadFixture, openFixture } from './load-fixture.ts';
import { type Review, stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let extract: BundledJob;
let load: BundledJob;
beforeAll(async () => {
  extract = await bundleJob('extract-purchases');
  load = await bundleJob('redshift-load');
  cloud = await startLocalServers(['postgres', 's3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Customers 1 and 2 buy and review; 3 only buys; 4 and 5 only review. */
const reviews: readonly Review[] = [1, 1, 2, 4, 4, 4, 5].map((customer) => ({
  customer,
  positive: customer !== 4,
}));

/** 14 rows of the day, of which one has no quantity, and two cannot be loaded; others are of the next day. */
async function openSource(fixture: LoadFixture) {
  const database = await freshDatabase(cloud);
  await database.query(`
    create schema retail;
    create table retail.user_purchase (
      invoice_number varchar(10), stock_code varchar(20), detail varchar(1000), quantity integer,
      invoice_date timestamp, unit_price numeric, customer_id integer, country varchar(20)
    )`);
  await database.query(
    `insert into retail.user_purchase
     select 'i', 's', 'd', quantity, $1::timestamp + shift, price, customer, 'Norway'
     from (values
       (3, 1, 1), (4, 1, 1), (5, 1, 2), (6, 1, 3), (7, 1, 3), (8, 1, 3), (9, 1, null), (10, 1, null),
       (2, 1, 1), (0, 1, 2), (-5, 1, null), (null, 1, 3), (11, 'NaN'::numeric, 1), (12, 'NaN'::numeric, null)
     ) as sale (quantity, price, customer),
     (values (interval '8 hours'), (interval '1 day')) as day (shift)`,
    [fixture.ds],
  );
  return database;
}

const counts = async ({ warehouse, ds }: LoadFixture): Promise<readonly Entry[]> =>
  warehouse.query(`select * from public.user_behavior_metric_day where ds = '${ds}'`);

const expected = {
  purchases_below_quantity: '4',
  purchases_rejected: '2',
  purchase_rows: '8',
  purchases_without_customer: '2',
  purchases_without_reviews: '3',
  purchases_in_metric: '3',
  customers_without_reviews: '1',
  reviews_rejected: '0',
  review_rows: '7',
  reviews_without_purchases: '4',
  reviews_in_metric: '3',
  reviewers_without_purchases: '2',
  metric_rows: '2',
};

function expectConserved(row: Entry | undefined, sourceRows: number): void {
  const sum = (...columns: readonly string[]) =>
    columns.reduce((total, column) => total + Number(row?.[column]), 0);
  expect(sum('purchases_below_quantity', 'purchases_rejected', 'purchase_rows')).toBe(sourceRows);
  expect(
    sum('purchases_without_customer', 'purchases_without_reviews', 'purchases_in_metric'),
  ).toBe(sum('purchase_rows'));
  expect(sum('reviews_without_purchases', 'reviews_in_metric')).toBe(sum('review_rows'));
}

describe('the counts of a day', () => {
  it('conserve the rows of the source, are those of the last load, and end with a refused one', async () => {
    await using fixture = await openFixture(cloud, load);
    await using database = await openSource(fixture);
    const { ds } = fixture;
    const env = {
      ...fixture.env,
      SOURCE_DATABASE_URL: database.url,
      BAD_PURCHASES: 'quarantine',
      MAX_REJECTED_PURCHASES: '0.5',
    };
    await stageReviews(fixture.bucket, ds, reviews);
    const extracted = await extract.run(env, `--ds=${ds}`);
    expect(extracted.code, JSON.stringify(extracted.summaries)).toBe(0);
    const loaded = await fixture.load('--run-id=one');
    expect(loaded.summaries).toMatchObject([
      { purchasesWithoutCustomer: 2, customersWithoutReviews: 1, reviewersWithoutPurchases: 2 },
    ]);
    expect(await counts(fixture)).toEqual([{ ds, run: 'one', ...expected }]);
    expectConserved((await counts(fixture))[0], 14);

    // A rerun that finds nothing to do leaves them, and one that loads again replaces them.
    expect((await fixture.load()).summaries).toMatchObject([{ status: 'unchanged' }]);
    expect(await counts(fixture)).toEqual([{ ds, run: 'one', ...expected }]);
    expect(await fixture.load('--force', '--run-id=two')).toMatchObject({ code: 0 });
    expect(await counts(fixture)).toEqual([{ ds, run: 'two', ...expected }]);

    await database.query('delete from retail.user_purchase where customer_id = 3 and quantity > 6');
    expect(await extract.run(env, `--ds=${ds}`)).toMatchObject({ code: 0 });
    expect(await fixture.load('--run-id=three')).toMatchObject({ code: 0 });
    const [corrected] = await counts(fixture);
    expect(corrected).toMatchObject({ run: 'three', purchases_without_reviews: '1' });
    expectConserved(corrected, 12);

    // A failed audit rolls everything back.
    await stagePurchases(fixture.bucket, ds, [], { run: 'wrong', rows: 1 });
    expect(await fixture.load('--run-id=four')).toMatchObject({ code: 65 });
    expect(await counts(fixture)).toEqual([corrected]);
  });

  it('do not know the purchases below the quantity if the manifest does not, and hold on an empty day', async () => {
    await using fixture = await openFixture(cloud, load);
    await stagePurchases(fixture.bucket, fixture.ds, []);
    await stageReviews(fixture.bucket, fixture.ds, []);
    expect(await fixture.load('--run-id=one')).toMatchObject({ code: 0 });
    const zero = Object.fromEntries(Object.keys(expected).map((column) => [column, '0']));
    expect(await counts(fixture)).toEqual([
      { ...zero, ds: fixture.ds, run: 'one', purchases_below_quantity: null },
    ]);
  });
});
