/** capture-purchases with a fault at every call: between the changes, the pointer and the acknowledgement (I5). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { changesHeadKey } from '@user-behaviour/shared/keys';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import { isChosen } from '../src/choice.ts';
import { openFaultProxy, type Variables } from '../src/inject/fault-proxy.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { type Fault, faults, isKill } from '../src/inject/fault.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('capture-purchases'),
    startLocalServers(['postgres', 's3']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const sql = (path: string) =>
  readFileSync(join(import.meta.dirname, '../../../sql/source', path), 'utf8');

const headIn = async (bucket: TestBucket) =>
  JSON.parse(await bucket.text(changesHeadKey)) as ChangesHead;

/**
 * A statement has no answer that could be lost without the connection, and the stream has none before its end. The
 * record of the run is written after the acknowledgement.
 */
function applies(effect: string, fault: Fault): boolean {
  if (effect.includes(' runs/')) return fault === 'killed before';
  if (!effect.startsWith('postgres')) return true;
  if (effect.includes('START_REPLICATION') && fault === 'killed after') return false;
  return isKill(fault) || fault === 'error reply';
}

/** The calls of a run that nobody disturbs. */
async function effectsOf(env: Variables, ...argv: readonly string[]): Promise<readonly string[]> {
  const schedule = new FaultSchedule();
  await using proxy = await openFaultProxy(env, { schedule });
  expect((await job.run(proxy.env, ...argv)).code).toBe(0);
  return schedule.names;
}

async function runWithFault(
  env: Variables,
  effect: string,
  fault: Fault,
  ...argv: readonly string[]
): Promise<Ended> {
  const schedule = new FaultSchedule([{ effect, fault }]);
  await using proxy = await openFaultProxy(env, { schedule });
  const running = job.start(proxy.env, ...argv);
  proxy.killTarget(running.child);
  const ended = await running.ended;
  expect(schedule.unmet, `${effect}, ${fault}`).toEqual([]);
  return ended;
}

/** A source that is set up, and a bucket; `env` names a slot that is dropped at the end. */
async function open(slot: string) {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  await database.query(sql('001_user_purchase.sql'));
  await database.query(sql('capture/010_identity_and_publication.sql'));
  stack.defer(async () => {
    await database.query(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`,
    );
  });
  const env = { ...bucket.env, SOURCE_DATABASE_URL: database.url, CAPTURE_SLOT: slot };
  const all = stack.move();
  /** A server needs a moment to notice that the reader of a slot is gone. */
  const untilDone = async (...argv: readonly string[]) => {
    let last: Ended | undefined;
    const code = async () => (last = await job.run(env, ...argv)).code;
    await expect.poll(code, { timeout: 20_000, interval: 500 }).toBe(0);
    return last?.summaries[0];
  };
  return { bucket, database, env, untilDone, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

it('a reset that is killed anywhere is run again, and loses nothing that comes after', async () => {
  await using own = await open('reset');
  const { database, bucket, env, untilDone } = own;
  await untilDone('--reset');
  const effects = await effectsOf(env, '--reset');
  expect(effects).toEqual(
    expect.arrayContaining([
      expect.stringContaining('DROP_REPLICATION_SLOT'),
      expect.stringContaining('CREATE_REPLICATION_SLOT'),
      expect.stringContaining(`PutObject ${changesHeadKey}`),
    ]),
  );
  const cases = effects.flatMap((effect, row) =>
    (Object.keys(faults) as Fault[])
      .filter((fault) => applies(effect, fault) && isKill(fault))
      .filter((_, column) => isChosen(row, column, 4))
      .map((fault) => ({ effect, fault })),
  );
  const days = dsRange(parseDs('2010-12-01'), parseDs('2011-12-01')).slice(0, cases.length);
  for (const [index, { effect, fault }] of cases.entries()) {
    const { code } = await runWithFault(env, effect, fault, '--reset');
    expect(code, `${effect}, ${fault}`).toBe(null);
    await untilDone('--reset');
    await database.query(
      `insert into retail.user_purchase values ('1', '2', 'x', 6, '${String(days[index])}', 1.5, 1, 'x')`,
    );
    expect(await untilDone(), `${effect}, ${fault}`).toMatchObject({ changes: 1 });
    const found = (await headIn(bucket)).days;
    // Also those of before the reset.
    expect(Object.keys(found), `${effect}, ${fault}`).toEqual(days.slice(0, index + 1));
    expect(Object.values(found).every(({ inserted }) => inserted === 1)).toBe(true);
  }
  report('capture-purchases --reset', {
    ...{ 'effects named': effects.length, 'faults injected': cases.length },
    survived: cases.length,
  });
}, 600_000);

it('a long drain that is killed goes on where it was last recorded', async () => {
  await using own = await open('long_drain');
  const { database, bucket, env, untilDone } = own;
  await untilDone('--reset');
  const moves = (await effectsOf(env)).find((name) => name.includes(`PutObject ${changesHeadKey}`));
  for (const ds of ['2010-12-01', '2010-12-02', '2010-12-03']) {
    await database.query(
      `insert into retail.user_purchase
       select '1', '2', 'x', 6, '${ds}', 1.5, n, 'x' from generate_series(1, 150000) as n`,
    );
  }
  const { code } = await runWithFault(env, String(moves), 'killed after');
  expect(code).toBe(null);
  expect(Object.keys((await headIn(bucket)).days)).toEqual(['2010-12-01', '2010-12-02']);
  expect(await untilDone()).toMatchObject({ changes: 150_000, days: ['2010-12-03'] });
  expect((await headIn(bucket)).days).toMatchObject({
    '2010-12-01': { inserted: 150_000, rows: 150_000 },
    '2010-12-02': { inserted: 150_000, rows: 150_000 },
    '2010-12-03': { inserted: 150_000, rows: 150_000 },
  });
}, 300_000);

it('counts each change once, whatever happens to a run, as one that nobody disturbs', async () => {
  await using bucket = await freshBucket(cloud);
  await using other = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  await database.query(sql('001_user_purchase.sql'));
  await database.query(sql('capture/010_identity_and_publication.sql'));
  const source = { SOURCE_DATABASE_URL: database.url };
  const disturbed = { ...bucket.env, ...source, CAPTURE_SLOT: 'disturbed' };
  const undisturbed = { ...other.env, ...source, CAPTURE_SLOT: 'undisturbed' };
  for (const env of [disturbed, undisturbed]) expect((await job.run(env, '--reset')).code).toBe(0);
  try {
    const effects = await effectsOf(disturbed);
    expect(effects).toEqual(
      expect.arrayContaining([
        'postgres connect',
        expect.stringContaining('START_REPLICATION'),
        expect.stringContaining(`PutObject ${changesHeadKey}`),
      ]),
    );
    const cases = effects.flatMap((effect) =>
      (Object.keys(faults) as Fault[])
        .filter((fault) => applies(effect, fault))
        .map((fault) => ({ effect, fault })),
    );
    const days = dsRange(parseDs('2010-12-01'), parseDs('2011-12-01')).slice(0, cases.length);
    const problems: string[] = [];
    for (const [index, { effect, fault }] of cases.entries()) {
      const day = String(days[index]);
      await database.query(
        `insert into retail.user_purchase select '1', '2', 'x', n, '${day}', 1.5, n, 'x' from generate_series(1, 5) as n;
         delete from retail.user_purchase where quantity = 4`,
      );
      const { code } = await runWithFault(disturbed, effect, fault);
      const mayEnd = isKill(fault) ? code === null : code === 0 || code === 75;
      if (!mayEnd) problems.push(`${effect}, ${fault}: ended with ${String(code)}`);
      // A server needs a moment to notice that the reader of a slot is gone.
      await expect
        .poll(async () => (await job.run(disturbed)).code, { timeout: 20_000, interval: 500 })
        .toBe(0);
    }
    expect((await job.run(undisturbed)).code).toBe(0);
    const found = (await headIn(bucket)).days;
    expect(found).toEqual((await headIn(other)).days);
    expect(Object.keys(found)).toHaveLength(cases.length);
    report('capture-purchases', {
      'effects named': effects.length,
      'faults injected': cases.length,
      survived: cases.length - problems.length,
    });
    expect(problems).toEqual([]);
  } finally {
    await database.query(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()`,
    );
  }
}, 600_000);
