/** A day whose slice of the metric is known without any SQL. */
import type { PipelineFixture } from './pipeline-fixture.ts';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';

const numbers = Array.from({ length: 400 }, (_, index) => index + 1);

/** Purchase n: every ninth has no customer; a quantity up to 2 does not count. */
const purchase = (n: number) => ({
  customer: n % 9 === 0 ? undefined : n % 20,
  quantity: n % 7,
  quarters: (n % 13) + 1,
});
const loadPurchases = `insert into retail.user_purchase
  select n::text, 'S' || n, 'item, "' || n || '"', n % 7,
         timestamp '2010-12-01' + n * interval '3 minutes', (n % 13 + 1) / 4.0,
         case when n % 9 = 0 then null else n % 20 end, 'Norway'
  from generate_series(1, ${String(numbers.length)}) as n`;

/** Review n is customer n % 25's; every third is positive. */
const reviewLines = numbers.map(
  (n) => `${String(n % 25)},${n % 3 === 0 ? '"a good one, ""really"""' : 'not so bad'}`,
);

export const day = '2010-12-01';

export async function putPurchases(fixture: PipelineFixture): Promise<void> {
  await fixture.database.query(loadPurchases);
}

export async function putReviews(fixture: PipelineFixture): Promise<void> {
  await fixture.bucket.put(`vendor/${day}.csv`, ['cid,review_str', ...reviewLines, ''].join('\n'));
}

/** The slice that these rows make. */
export function expectedSlice(): readonly (readonly string[])[] {
  const customers = Array.from({ length: 20 }, (_, customer) => customer);
  return customers.map((customer) => {
    const bought = numbers.map(purchase).filter((one) => one.customer === customer);
    const quarters = bought
      .filter(({ quantity }) => quantity > 2)
      .reduce((sum, one) => sum + one.quantity * one.quarters, 0);
    const own = numbers.filter((n) => n % 25 === customer);
    const positive = own.filter((n) => n % 3 === 0).length;
    const amount = (quarters / 4).toFixed(5);
    return [customer, amount, positive, own.length].map(String);
  });
}

const metric = `select customerid, amount_spent, review_score, review_count
  from public.user_behavior_metric where insert_date = '${day}' order by customerid`;

/** The slice that is there. */
export async function slice(fixture: PipelineFixture): Promise<readonly (readonly string[])[]> {
  using warehouse = new WarehouseClient(fixture.env);
  return (await warehouse.rows(metric)).map((row) => row.map(String));
}
