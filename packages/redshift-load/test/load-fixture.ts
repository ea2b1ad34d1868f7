/** A bucket and a day for one test, in the warehouse of its file. */
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { BundledJob, Ended, Entry, Running } from '@user-behaviour/testkit/bundled-job';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { Purchase, Review } from './stages.ts';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';

export interface LoadFixture extends AsyncDisposable {
  readonly ds: Ds;
  readonly bucket: TestBucket;
  readonly env: Readonly<Record<string, string>>;
  readonly warehouse: WarehouseClient;
  readonly start: (...argv: string[]) => Running;
  readonly load: (...argv: string[]) => Promise<Ended>;
  /** The day's slice, in the order of its customers. */
  readonly slice: (ds?: Ds) => Promise<readonly Entry[]>;
  /** The day's row of the ledger; undefined without one. */
  readonly ledger: (ds?: Ds) => Promise<Entry | undefined>;
}

/** No two tests of a file share a day: each has ten, for ranges. */
let lastDay = parseDs('2010-01-01');

export async function openFixture(cloud: TestCloud, job: BundledJob): Promise<LoadFixture> {
  for (let day = 0; day < 10; day += 1) lastDay = nextDs(lastDay);
  const own = lastDay;
  const bucket = await freshBucket(cloud);
  const warehouse = new WarehouseClient(cloud.env);
  return {
    ds: own,
    bucket,
    env: bucket.env,
    warehouse,
    start: (...argv) => job.start(bucket.env, `--ds=${own}`, ...argv),
    load: (...argv) => job.run(bucket.env, `--ds=${own}`, ...argv),
    slice: (ds = own) =>
      warehouse.query(
        `select customerid, amount_spent, review_score, review_count
         from public.user_behavior_metric where insert_date = '${ds}' order by customerid`,
      ),
    ledger: async (ds = own) =>
      (
        await warehouse.query(`select * from public.user_behavior_metric_load where ds = '${ds}'`)
      )[0],
    [Symbol.asyncDispose]: async () => {
      warehouse[Symbol.dispose]();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

/** The slice expected of these rows, computed without SQL, in thousandths as whole numbers. */
export function expectedSlice(
  purchases: readonly Purchase[],
  reviews: readonly Review[],
): readonly Entry[] {
  const customers = new Set(reviews.map(({ customer }) => customer));
  const buyers = [...customers].filter((id) => purchases.some(({ customer }) => customer === id));
  return buyers
    .sort((one, other) => one - other)
    .map((id) => {
      const smallest = purchases
        .filter(({ customer }) => customer === id)
        .reduce((sum, { quantity, price }) => sum + BigInt(quantity) * inSmallest(price), 0n);
      const digits = String(smallest).padStart(decimals + 1, '0');
      const own = reviews.filter(({ customer }) => customer === id);
      return {
        customerid: String(id),
        amount_spent: `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`,
        review_score: String(own.filter(({ positive }) => positive).length),
        review_count: String(own.length),
      };
    });
}

/** Of a price and of the metric. */
const decimals = 5;

/** A positive price in units of its last decimal. */
function inSmallest(price: string): bigint {
  const [whole = '', fraction = ''] = price.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}
