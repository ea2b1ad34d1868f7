/** extract-purchases on a replica whose replay pauses and resumes: a whole day or none, never a part of one with exit 0 (I5, I8). */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { asset } from '@user-behaviour/shared/asset';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { startStandby } from '@user-behaviour/testkit/servers/standby';
import { createRandom } from '@user-behaviour/sample/random';
import pg from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { baseSeed } from '../src/choice.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('extract-purchases'),
    startLocalServers(['postgres', 's3']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const first = parseDs('2010-12-01');

async function open() {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  await database.query(asset('sql/source/001_user_purchase.sql'));
  const standby = stack.use(await startStandby(database.url));
  const url = standby.addressOf(database.url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  stack.defer(() => client.end());
  const ask = async (sql: string): Promise<unknown> => {
    const { rows } = await client.query<{ value: unknown }>(`select ${sql} as value`);
    return rows[0]?.value;
  };
  /** The replica has the first half of the day, and has received the rest without replaying it. */
  const lag = async (ds: Ds) => {
    const insert = (from: number) =>
      database.query(
        `insert into retail.user_purchase
         select n, 'a', 'd', 3, '${ds} 08:00', 1.5, n, 'UK' from generate_series(${from}, ${from + 2}) as n`,
      );
    const count = `(select count(*)::int from retail.user_purchase where invoice_date::date = '${ds}')`;
    await insert(1);
    await expect.poll(() => ask(count), { timeout: 30_000 }).toBe(3);
    await ask('pg_wal_replay_pause()');
    await insert(4);
    const behind = 'pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()';
    await expect.poll(() => ask(behind), { timeout: 30_000 }).toBe(true);
  };
  const all = stack.move();
  return {
    bucket,
    ask,
    lag,
    resume: () => ask('pg_wal_replay_resume()'),
    env: { ...bucket.env, SOURCE_DATABASE_URL: url },
    /** The job has asked the replica, so it waits. */
    untilWaiting: () =>
      expect.poll(() => ask(sessions), { timeout: 20_000, interval: 20 }).toBeGreaterThan(0),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

const sessions = `(select count(*)::int from pg_stat_activity
  where datname = current_database() and application_name like 'extract-purchases%')`;
const whole = Array.from(
  { length: 6 },
  (_, n) => `${n + 1},a,d,3,${first} 08:00:00,1.500,${n + 1},UK`,
);
const rowsOf = (rows: readonly string[], ds: Ds) =>
  rows.filter((row) => /^\d/.test(row)).map((row) => row.replace('{ds}', first).replace(ds, first));

it('waits for the replay, at whatever moment it resumes', async () => {
  await using replica = await open();
  const random = createRandom(baseSeed(), 'replay');
  const tally = new RowTally();
  const rounds = 4;
  for (let ds = first, round = 0; round < rounds; ds = nextDs(ds), round += 1) {
    await replica.lag(ds);
    const running = job.start(replica.env, `--ds=${ds}`);
    await replica.untilWaiting();
    await sleep(random.integer(0, 800));
    expect(await publishedDay(replica.bucket, 'user_purchase/stage', ds)).toMatchObject({
      manifest: undefined,
    });
    await replica.resume();
    expect(await running.ended).toMatchObject({ code: 0, summaries: [{ status: 'published' }] });
    const { rows } = await publishedDay(replica.bucket, 'user_purchase/stage', ds);
    tally.compare(whole, rowsOf(rows, ds));
  }
  report('replica that lags', { interleavings: rounds, ...tally.counts });
  expect(tally.counts).toEqual({ 'lost rows': 0, 'doubled rows': 0 });
}, 300_000);

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'publishes nothing if a %s comes amid the wait, and the whole day afterwards',
  async (signal) => {
    await using replica = await open();
    await replica.lag(first);
    const { child, ended } = job.start(replica.env, `--ds=${first}`);
    await replica.untilWaiting();
    child.kill(signal);
    await once(child, 'close');
    expect((await ended).code).toBe(signal === 'SIGTERM' ? 143 : null);
    expect(await replica.bucket.keys()).toEqual([]);
    await expect.poll(() => replica.ask(sessions), { timeout: 20_000 }).toBe(0);
    await replica.resume();
    expect(await job.run(replica.env, `--ds=${first}`)).toMatchObject({ code: 0 });
    const { rows } = await publishedDay(replica.bucket, 'user_purchase/stage', first);
    const tally = new RowTally();
    tally.compare(whole, rowsOf(rows, first));
    report(`replica that lags, ${signal}`, { 'faults injected': 1, survived: 1, ...tally.counts });
    expect(tally.counts).toEqual({ 'lost rows': 0, 'doubled rows': 0 });
  },
  120_000,
);
