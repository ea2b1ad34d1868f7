/** A source that is a streaming replica of its primary. */
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type Standby, startStandby } from '@user-behaviour/testkit/servers/standby';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertRow, openFixture } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

/** The column `value` of the replica's answer. */
async function onReplica(standby: Standby, url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: standby.addressOf(url) });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: unknown }>(sql);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}

const rows = 'select count(*)::int as value from retail.user_purchase';

it('is read only once it has replayed the day, and what it has received of it', async () => {
  await using fixture = await openFixture(cloud);
  const { database } = fixture;
  await using standby = await startStandby(database.url);
  const env = { ...fixture.env, SOURCE_DATABASE_URL: standby.addressOf(database.url) };
  await database.query(insertRow('2010-12-01 08:00'));
  await expect.poll(() => onReplica(standby, database.url, rows), { timeout: 30_000 }).toBe(1);
  await onReplica(standby, database.url, 'select pg_wal_replay_pause() as value');
  await database.query(insertRow('2010-12-01 09:00'));
  const behind = 'select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn() as value';
  await expect.poll(() => onReplica(standby, database.url, behind), { timeout: 30_000 }).toBe(true);

  const refused = await job.run(env, day);
  expect(refused.code).toBe(75);
  expect(refused.summaries).toMatchObject([{ status: 'failed', kind: 'transient' }]);
  expect(refused.summaries[0]?.['message']).toMatch(
    /has replayed its primary up to \d{4}-.*; 2010-12-01 ends at 2010-12-02T00:00:00\.000Z$/,
  );
  expect(await fixture.bucket.keys()).toEqual([]);
  expect(JSON.stringify((await job.run(env, '--check')).summaries)).toMatch(
    /replica, \d+ s behind/,
  );

  await onReplica(standby, database.url, 'select pg_wal_replay_resume() as value');
  const read = await job.run(env, day);
  expect(read.summaries).toMatchObject([{ status: 'published', rows: 2 }]);

  // It replays from its own last checkpoint, so that it knows no commit, and its primary is idle.
  await database.query('checkpoint');
  const [end] = await database.query('select pg_current_wal_lsn() as at');
  const { at } = end as { at: string };
  const replayed = `select pg_last_wal_replay_lsn() >= '${at}' as value`;
  await expect
    .poll(() => onReplica(standby, database.url, replayed), { timeout: 30_000 })
    .toBe(true);
  await onReplica(standby, database.url, 'checkpoint');
  await standby.restart();
  const again = await job.run(env, day);
  expect(again.summaries).toMatchObject([{ status: 'unchanged', rows: 2 }]);
}, 300_000);

/** A replica with four rows of the day, and a job that reads them for seconds. */
async function openSlowDay() {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud));
  const { database } = fixture;
  for (const invoice of ['slow', '1', '2', '3'])
    await database.query(insertRow('2010-12-01 08:00', { invoice }));
  await database.query(
    `alter table retail.user_purchase rename to line;
     create view retail.user_purchase as
     select invoice_number, stock_code,
       (detail || case when invoice_number = 'slow' then pg_sleep(2)::text else '' end)::varchar(1000) as detail,
       quantity, invoice_date, unit_price, customer_id, country
     from retail.line`,
  );
  const standby = stack.use(await startStandby(database.url));
  const ask = (sql: string) => onReplica(standby, database.url, sql);
  const env = { ...fixture.env, SOURCE_DATABASE_URL: standby.addressOf(database.url) };
  const copying = `select exists (
    select 1 from pg_stat_activity
    where datname = current_database() and query like 'savepoint copying; copy %' and wait_event = 'PgSleep'
  ) as value`;
  const all = stack.move();
  return {
    ask,
    /** Removes a row of the day from the pages of the primary. */
    remove: async (invoice: string) => {
      await database.query(`delete from retail.line where invoice_number = '${invoice}'`);
      await database.query('vacuum retail.line');
    },
    holdsBack: () =>
      database.query(
        `select from pg_stat_replication
         where client_addr is not null and backend_xmin is not null`,
      ),
    run: () => job.run(env, day),
    /** Runs the job, and the act while it copies the day. */
    runAmid: async (act: () => Promise<unknown>) => {
      const { ended } = job.start(env, day);
      await expect.poll(() => ask(copying), { timeout: 30_000, interval: 50 }).toBe(true);
      await act();
      return ended;
    },
    keys: () => fixture.bucket.keys(),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

it('ends a copy that its recovery conflicts with, unless it tells the primary what it reads', async () => {
  await using replica = await openSlowDay();
  const { ask, remove } = replica;
  await ask("alter system set max_standby_streaming_delay = '50ms'");
  await ask("alter system set wal_receiver_status_interval = '1s'");
  await ask('select pg_reload_conf() as value');
  expect(await ask("select current_setting('hot_standby_feedback') as value")).toBe('off');
  const conflicted = await replica.runAmid(() => remove('1'));
  expect(conflicted.code).toBe(75);
  expect(conflicted.summaries).toMatchObject([
    {
      status: 'failed',
      kind: 'transient',
      message: expect.stringContaining('conflict with recovery') as string,
      action: expect.stringMatching(/hot_standby_feedback.*max_standby_streaming_delay/) as string,
    },
  ]);
  expect(await replica.keys()).toEqual([]);

  await ask('alter system set hot_standby_feedback = on');
  await ask('select pg_reload_conf() as value');
  await expect.poll(replica.holdsBack, { timeout: 30_000 }).not.toEqual([]);
  const spared = await replica.runAmid(() => remove('2'));
  // The rows of its snapshot: that of the first run is gone, that of this run was still there.
  expect(spared).toMatchObject({ code: 0, summaries: [{ status: 'published', rows: 3 }] });
}, 300_000);

it('reads one state of a replica that is promoted amid the copy', async () => {
  await using replica = await openSlowDay();
  const promoted = await replica.runAmid(async () => {
    await replica.ask('select pg_promote() as value');
    await replica.ask("delete from retail.line where invoice_number = 'slow'");
  });
  expect(promoted).toMatchObject({ code: 0, summaries: [{ status: 'published', rows: 4 }] });
  expect(await replica.run()).toMatchObject({
    code: 0,
    summaries: [{ status: 'published', rows: 3 }],
  });
}, 300_000);
