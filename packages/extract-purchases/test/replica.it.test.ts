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
}, 120_000);
