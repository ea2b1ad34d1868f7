/** One day by the four images, against Postgres and LocalStack in containers, real Spark and real SQL. */
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/cloud';
import { beforeAll, expect, it } from 'vitest';
import { jobs, runImage, startImage } from './job-container.ts';
import { openDesk, type PipelineDesk } from './pipeline-desk.ts';
import { WarehouseDesk } from './warehouse-desk.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

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

/** The slice that these rows make, counted without any SQL. */
function expectedSlice(): readonly (readonly string[])[] {
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
  from public.user_behavior_metric where insert_date = '2010-12-01' order by customerid`;

async function slice(desk: PipelineDesk): Promise<readonly (readonly string[])[]> {
  using warehouse = new WarehouseDesk(desk.env);
  return (await warehouse.rows(metric)).map((row) => row.map(String));
}

it('is published once, ordered by --wait alone, and neither image nor host does it again', async () => {
  await using desk = await openDesk(cloud);
  await desk.database.query(loadPurchases);
  const day = '--ds=2010-12-01';
  // All at once, as a scheduler without order starts them; the vendor's file comes last.
  const started = jobs.map((job) => runImage(job, desk.env, day, '--wait=10m'));
  await desk.bucket.put('vendor/2010-12-01.csv', ['cid,review_str', ...reviewLines, ''].join('\n'));
  const ends = await Promise.all(started);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(ends.map(({ summaries }) => summaries[0]?.['status'])).toEqual([
    'published',
    'published',
    'published',
    'loaded',
  ]);
  expect(await slice(desk)).toEqual(expectedSlice());

  const before = await desk.bucket.keys();
  for (const job of jobs) {
    const again = await runImage(job, desk.env, day);
    expect(again).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
    // The host's own result has the same content, or this would be another generation.
    const host = await (await bundleJob(job)).run(desk.env, day);
    expect(host).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
  }
  expect(await desk.bucket.keys()).toEqual(before);
  expect(await slice(desk)).toEqual(expectedSlice());
});

it('of 200 MB takes no more than the 256 MB of memory, and no file (I9)', async () => {
  await using desk = await openDesk(cloud);
  await desk.database.query(
    `insert into retail.user_purchase
     select 'x', 'x', repeat('y', 990), 3, timestamp '2010-12-01', 1, 1, 'x'
     from generate_series(1, 200000)`,
  );
  await using container = startImage('extract-purchases', desk.env, ['--ds=2010-12-01']);
  const { code, summaries } = await container.ended;
  expect(summaries).toMatchObject([{ status: 'published', rows: 200_000 }]);
  expect(code).toBe(0);
});
