/** A source behind a real PgBouncer, which gives each transaction any session of the server. */
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startPgbouncer } from '@user-behaviour/testkit/servers/pgbouncer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, fileName, insertRow, openFixture, stage } from './fixture.ts';
import { openWideFixture } from './wide-fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-02';

type Settings = Readonly<Record<string, string>>;

/** Starts a pooler and runs the job through it. */
async function runPooled(fixture: Fixture, settings: Settings, env: Settings = {}): Promise<Ended> {
  await using pooler = await startPgbouncer(fixture.database.url, settings);
  return await job.run({ ...fixture.env, ...env, SOURCE_DATABASE_URL: pooler.url }, day);
}

const queries = async ({ database }: Fixture) =>
  database.query(
    `select wait_event from pg_stat_activity where datname = current_database() and state <> 'idle'
       and application_name like 'extract-purchases%'`,
  );

describe('a source behind a pooler', () => {
  it.each<Settings>([
    {},
    { ignore_startup_parameters: 'options' },
    { pool_mode: 'session', ignore_startup_parameters: 'options' },
    { default_pool_size: '1' },
  ])('with %j is read like the server itself, whatever its own settings', async (settings) => {
    await using fixture = await openFixture(cloud);
    const { name } = fixture.database;
    await fixture.database.query(
      `${insertRow('2010-12-02 08:00')}; ${insertRow('2010-12-02 23:59', { detail: 'CAFÉ' })};
       alter database ${name} set datestyle = 'SQL, DMY';
       alter database ${name} set timezone = 'Asia/Tokyo';
       alter database ${name} set row_security = on`,
    );
    const direct = await job.run(fixture.env, day, '--run-id=direct');
    expect(direct.summaries).toMatchObject([{ status: 'published', rows: 2 }]);
    expect(await fixture.bucket.text(`${stage}/2010-12-02/direct/${fileName}`)).toContain(
      ',2010-12-02 08:00:00,',
    );
    const pooled = await runPooled(fixture, settings);
    expect(pooled.summaries).toMatchObject([{ status: 'unchanged', exit: 0 }]);
    await using pooler = await startPgbouncer(fixture.database.url, settings);
    const check = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: pooler.url }, '--check');
    expect(check.code).toBe(0);
  });

  it.each<readonly [Settings, number]>([
    [{}, 2],
    [{ default_pool_size: '1', query_wait_timeout: '1' }, 1],
  ])('with %j is read in ranges on %d connections', async (settings, connections) => {
    await using fixture = await openFixture(cloud);
    // A table that PostgreSQL believes to be large.
    await fixture.database.query(
      `drop index retail.user_purchase_invoice_date;
       alter table retail.user_purchase set (autovacuum_enabled = false);
       insert into retail.user_purchase
       select n::text, 'S', repeat('y', 900), 3, timestamp '2010-12-02 09:00', 1, n, 'Norway'
       from generate_series(1, 2000) as n;
       update pg_class set relpages = 100, reltuples = 1e8 where relname = 'user_purchase'`,
    );
    const direct = await job.run({ ...fixture.env, SOURCE_CONNECTIONS: '1' }, day);
    expect(direct.summaries).toMatchObject([{ status: 'published', rows: 2_000 }]);
    const pooled = await runPooled(fixture, settings, { SOURCE_CONNECTIONS: '2' });
    expect(pooled.summaries).toMatchObject([{ status: 'unchanged', rows: 2_000 }]);
    const ranges = pooled.log.find(({ msg }) => String(msg).startsWith('reading ranges'));
    expect(ranges?.['connections']).toBe(connections);
  });

  it('that pools statements is a configuration failure', async () => {
    await using fixture = await openFixture(cloud);
    const ended = await runPooled(fixture, { pool_mode: 'statement' });
    expect(ended.summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
    expect(ended.summaries[0]?.['action']).toContain('pooler');
  });
});

describe('a copy through a pooler', () => {
  /** Twenty megabytes at once, then nothing for minutes. */
  const openSlowFixture = () =>
    openWideFixture(
      cloud,
      20_005,
      `repeat('y', 950) || case when n > 20000 then pg_sleep(300)::text else '' end`,
    );
  const sleeping = [{ wait_event: 'PgSleep' }];

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'of a job that gets %s leaves no query behind, and the next run succeeds (I5)',
    async (signal) => {
      await using fixture = await openSlowFixture();
      await using pooler = await startPgbouncer(fixture.database.url);
      const env = { ...fixture.env, SOURCE_DATABASE_URL: pooler.url };
      const { child, ended } = job.start(env, '--ds=2010-12-01');
      await expect.poll(() => queries(fixture), { timeout: 60_000 }).toEqual(sleeping);
      child.kill(signal);
      const { code } = await ended;
      expect(code).not.toBe(0);
      if (signal === 'SIGTERM') expect(code).toBe(143);
      await expect.poll(() => queries(fixture), { timeout: 60_000 }).toEqual([]);
      const again = await job.run(env, day);
      expect(again.summaries).toMatchObject([{ status: 'published', rows: 0 }]);
    },
  );

  it('that is restarted fails as transient, and the next run succeeds (I5)', async () => {
    await using fixture = await openSlowFixture();
    const pooler = await startPgbouncer(fixture.database.url);
    const env = { ...fixture.env, SOURCE_DATABASE_URL: pooler.url };
    const running = job.run(env, '--ds=2010-12-01');
    await expect.poll(() => queries(fixture), { timeout: 60_000 }).toEqual(sleeping);
    await pooler[Symbol.asyncDispose]();
    expect((await running).summaries).toMatchObject([{ kind: 'transient', exit: 75 }]);
    expect(await fixture.bucket.keys()).toEqual([]);
    expect(await fixture.openUploads()).toBe(0);
    expect((await runPooled(fixture, {})).summaries).toMatchObject([{ status: 'published' }]);
  });
});
