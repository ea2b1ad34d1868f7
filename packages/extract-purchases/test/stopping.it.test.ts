import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileName, insertRow, type Shop, stage } from './shop.ts';
import { openWideShop } from './wide-shop.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 300_000 });

const day = '--ds=2010-12-01';

/** A table that returns `rows` rows of about 1 kB at once and then sleeps for minutes. */
const openSlowShop = (rows: number): Promise<Shop> =>
  openWideShop(
    cloud,
    rows + 5,
    `repeat('y', 950) || case when n > ${String(rows)} then pg_sleep(300)::text else '' end`,
  );

const isAsleep = async (shop: Shop) =>
  (await shop.sessions()).some(
    (session) => (session as { wait_event: string | null }).wait_event === 'PgSleep',
  );

async function expectNothingLeftBehind(shop: Shop): Promise<void> {
  await expect.poll(() => shop.sessions(), { timeout: 60_000 }).toEqual([]);
  expect(await shop.openUploads()).toBe(0);
  expect(await shop.bucket.keys()).toEqual([]);
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('before the first row ends the job with 143 and leaves no query behind', async () => {
    await using shop = await openSlowShop(0);
    const { child, ended } = job.start(shop.env, day);
    await expect.poll(() => isAsleep(shop), { timeout: 60_000 }).toBe(true);
    child.kill(signal);
    const { code, summaries } = await ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([
      { status: 'failed', kind: 'interrupted', message: `stopped by ${signal}`, exit: 143 },
    ]);
    await expectNothingLeftBehind(shop);
  });

  it('in the middle of a multipart upload also aborts the upload', async () => {
    await using shop = await openSlowShop(20_000);
    const { child, ended } = job.start(shop.env, day);
    await expect
      .poll(async () => (await isAsleep(shop)) && (await shop.openUploads()) === 1, {
        timeout: 60_000,
      })
      .toBe(true);
    child.kill(signal);
    const { code, summaries } = await ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([{ kind: 'interrupted' }]);
    await expectNothingLeftBehind(shop);
  });
});

describe('a connection that the source terminates in the middle of a copy', () => {
  it('fails the run as transient and leaves nothing behind', async () => {
    await using shop = await openSlowShop(20_000);
    const { ended } = job.start(shop.env, day);
    await expect.poll(() => shop.openUploads(), { timeout: 60_000 }).toBe(1);
    await shop.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'extract-purchases'`,
    );
    const { code, summaries } = await ended;
    expect(code).toBe(75);
    expect(summaries).toMatchObject([{ kind: 'transient', exit: 75 }]);
    await expectNothingLeftBehind(shop);
  });
});

describe('a killed run', () => {
  it('leaves the day unchanged, and the next run succeeds (I5)', async () => {
    await using shop = await openSlowShop(20_000);
    const { child, ended } = job.start(shop.env, day);
    await expect.poll(() => shop.openUploads(), { timeout: 60_000 }).toBe(1);
    child.kill('SIGKILL');
    await ended;
    expect(await shop.bucket.keys()).toEqual([]);
    await shop.database.query('drop schema retail cascade');
    await shop.database.query(
      `create schema retail; create table retail.user_purchase (
         invoice_number varchar(10), stock_code varchar(20), detail varchar(1000), quantity integer,
         invoice_date timestamp, unit_price numeric(8, 3), customer_id integer, country varchar(20))`,
    );
    await shop.database.query(insertRow('2010-12-01 08:00'));
    const again = await job.start(shop.env, day, '--run-id=two').ended;
    expect(again.summaries).toMatchObject([{ status: 'published', rows: 1, generation: 1 }]);
    expect(await shop.bucket.keys()).toContain(`${stage}/2010-12-01/two/${fileName}`);
  });
});
