/** `docker stop` half-way: exit 143, nothing orphaned, and the next run does the day (I5). */
import { EMRClient, ListStepsCommand } from '@aws-sdk/client-emr';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, expect, it } from 'vitest';
import { type JobContainer, runImage, startImage, type Variables } from './job-container.ts';
import { openPipelineFixture, type PipelineFixture } from './pipeline-fixture.ts';
import { stageSlowly } from './slow-script.ts';
import { startStallingProxy } from './stalling-proxy.ts';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '--ds=2010-12-01';
const patience = { timeout: 60_000 };

async function expectStopped(container: JobContainer): Promise<void> {
  await container.stop();
  const { code, summaries } = await container.ended;
  expect(summaries).toMatchObject([{ kind: 'interrupted', message: 'stopped by SIGTERM' }]);
  expect(code).toBe(143);
}

it('extract-purchases ends its query and aborts its upload', async () => {
  await using fixture = await openPipelineFixture(cloud);
  // Returns 20 MB at once, then sleeps for minutes.
  await fixture.database.query(
    `drop table retail.user_purchase; create view retail.user_purchase as
     select 'x'::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
            (repeat('y', 990) || case when n > 20000 then pg_sleep(300)::text else '' end)::varchar(1000) as detail,
            3 as quantity, timestamp '2010-12-01' as invoice_date, 1::numeric(8, 3) as unit_price,
            1 as customer_id, 'x'::varchar(20) as country
     from generate_series(1, 20005) as n`,
  );
  const asleep = `select pid from pg_stat_activity where datname = current_database()
                  and application_name like 'extract-purchases%' and wait_event = 'PgSleep'`;
  const sessions = `select pid from pg_stat_activity where datname = current_database()
                    and application_name like 'extract-purchases%'`;
  await using container = startImage('extract-purchases', fixture.env, [day]);
  await expect.poll(() => fixture.database.query(asleep), patience).toHaveLength(1);
  await expect.poll(fixture.openUploads, patience).toBe(1);
  await expectStopped(container);
  await expect.poll(() => fixture.database.query(sessions), patience).toEqual([]);
  expect(await fixture.openUploads()).toBe(0);
  expect(await fixture.bucket.keys()).toEqual([]);

  await fixture.database.query('drop view retail.user_purchase');
  await fixture.makeTable();
  expect(await runImage('extract-purchases', fixture.env, day)).toMatchObject({
    code: 0,
    summaries: [{ status: 'published', rows: 0, generation: 1 }],
  });
});

it('stage-reviews aborts its upload', async () => {
  await using fixture = await openPipelineFixture(cloud);
  const line = `1,${'so '.repeat(300)}\n`;
  const rows = 20_000;
  await fixture.bucket.put('vendor/2010-12-01.csv', `cid,review_str\n${line.repeat(rows)}`);
  const s3 = fixture.env['AWS_ENDPOINT_URL_S3'] ?? '';
  await using proxy = await startStallingProxy(s3, '/vendor/', 12e6);
  const slow = { ...fixture.env, AWS_ENDPOINT_URL_S3: proxy.url };
  await using container = startImage('stage-reviews', slow, [day]);
  await expect.poll(proxy.stalled, patience).toBe(true);
  await expect.poll(fixture.openUploads, patience).toBe(1);
  await expectStopped(container);
  expect(await fixture.openUploads()).toBe(0);
  expect(await fixture.bucket.keys('movie_review/')).toEqual([]);

  expect(await runImage('stage-reviews', fixture.env, day)).toMatchObject({
    code: 0,
    summaries: [{ status: 'published', rows, generation: 1 }],
  });
});

async function stepStates(env: Variables, run: string): Promise<Record<string, string>> {
  const client = new EMRClient({
    endpoint: env['AWS_ENDPOINT_URL_EMR'] ?? '',
    region: env['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  const { Steps } = await client.send(
    new ListStepsCommand({ ClusterId: env['EMR_CLUSTER_ID'] ?? '' }),
  );
  client.destroy();
  const own = (Steps ?? []).filter(({ Name }) => Name?.includes(`/${run}/`));
  return Object.fromEntries(own.map(({ Name = '', Status }) => [Name, Status?.State ?? '']));
}

it('emr-clean cancels its step and releases the day', async () => {
  await using fixture = await openPipelineFixture(cloud);
  await stageSlowly(fixture.bucket, '2010-12-01', 50, 'stopped');
  const of = (name: string) => `emr-clean/2010-12-01/stopped/${name}`;
  const step = of('2-clean');
  await using container = startImage('emr-clean', fixture.env, [day, '--run-id=stopped']);
  const states = () => stepStates(fixture.env, 'stopped');
  await expect.poll(states, patience).toMatchObject({ [step]: 'RUNNING' });
  await expectStopped(container);
  await expect.poll(states, patience).toEqual({
    [of('1-copy-in')]: 'COMPLETED',
    [step]: 'CANCELLED',
    [of('4-clean-up')]: 'COMPLETED',
  });
  // If S3 cannot delete the lease, it stays and is marked as released.
  const left = await fixture.bucket.keys('movie_review/stage/');
  const lease = left.find((key) => key.endsWith('/_lease.json'));
  expect(left.filter((key) => key !== lease)).toEqual([]);
  if (lease !== undefined) expect(await fixture.bucket.text(lease)).toContain('"released":true');

  const again = await runImage('emr-clean', fixture.env, day, '--run-id=again');
  expect(again).toMatchObject({ code: 0, summaries: [{ status: 'published', rows: 50 }] });
});

/** Runs the upstream jobs of the day with their images. */
async function stageDay(fixture: PipelineFixture): Promise<void> {
  await fixture.bucket.put('vendor/2010-12-01.csv', 'cid,review_str\n1,good\n');
  await fixture.database.query(purchase('1.5'));
  for (const job of ['extract-purchases', 'stage-reviews', 'emr-clean'] as const) {
    expect(await runImage(job, fixture.env, day)).toMatchObject({ code: 0 });
  }
}

const purchase = (price: string) =>
  `insert into retail.user_purchase values ('1', 'A', 'x', 3, '2010-12-01', ${price}, 1, 'Norway')`;

it('redshift-load cancels its transaction, and the day is unchanged', async () => {
  await using fixture = await openPipelineFixture(cloud);
  using warehouse = new WarehouseClient(fixture.env);
  const amount = async () =>
    (await warehouse.rows('select amount_spent from public.user_behavior_metric')).flat();
  const states = async (prefix: string) =>
    (await warehouse.statements(prefix)).map(({ Status }) => Status);
  await stageDay(fixture);
  expect(await runImage('redshift-load', fixture.env, day)).toMatchObject({ code: 0 });
  expect(await amount()).toEqual(['4.50000']);
  await fixture.database.query(purchase('2.5'));
  expect(await runImage('extract-purchases', fixture.env, day)).toMatchObject({ code: 0 });

  await warehouse.rows('create table public.hundred (n integer)');
  const numbers = Array.from({ length: 100 }, (_, n) => `(${String(n)})`).join(', ');
  await warehouse.rows(`insert into public.hundred values ${numbers}`);
  // Delays the second batch, the load, so that it runs after a long statement that keeps the warehouse busy.
  await warehouse.script(
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
    { kind: 'delay', operation: 'BatchExecuteStatement', before: 3_000 },
  );
  const run = 'redshift-load/2010-12-01/stopped';
  await using container = startImage('redshift-load', fixture.env, [day, '--run-id=stopped']);
  await expect.poll(() => states(`${run}/partitions-1`), patience).toEqual(['FINISHED']);
  const crossed = Array.from('abcdefghijkl', (name) => `public.hundred ${name}`).join(', ');
  const long = await warehouse.submit(
    `select count(*) from ${crossed} where a.n + b.n + c.n + d.n + e.n + f.n + g.n = l.n`,
  );
  await expect.poll(() => states(`${run}/load-1`), patience).toHaveLength(1);
  await expectStopped(container);
  expect(await states(`${run}/load-1`)).toEqual(['ABORTED']);
  await warehouse.cancel(long);
  const ended = await states(`${run}/`);
  expect(ended.filter((state) => state !== 'FINISHED')).toEqual(['ABORTED']);
  expect(await amount()).toEqual(['4.50000']);

  const again = await runImage('redshift-load', fixture.env, day, '--run-id=stopped');
  expect(again).toMatchObject({ code: 0, summaries: [{ status: 'loaded' }] });
  expect(await amount()).toEqual(['12.00000']);
});
