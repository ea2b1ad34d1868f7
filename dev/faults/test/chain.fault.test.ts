/** All four jobs run by the operator: killed in each job and started again (I5), and two backfills concurrently (I4). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import { datasets } from '@user-behaviour/shared/pipeline';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import type { Injection } from '../src/inject/fault.ts';
import { openFaultProxy, type Variables } from '../src/inject/fault-proxy.ts';
import { orphansAfterSweep } from '../src/orphans.ts';
import { createRandom } from '@user-behaviour/sample/random';
import { baseSeed } from '../src/choice.ts';
import { RowTally } from '../src/observe/row-tally.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

const operator = join(import.meta.dirname, '../../../packages/operator/src/main.ts');

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load']) {
    await bundleJob(job);
  }
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

/** Which calls are which job's; what two jobs may ask is left out. */
const ofJob: readonly RegExp[] = [
  /^postgres|user_purchase\/stage\/\{ds\}\/\{run\}|PutObject user_purchase/,
  /PutObject (movie_review\/load|scripts)/,
  /^emr|PutObject movie_review\/stage/,
  /^redshift-data/,
];

const sourceView = `create schema retail; create view retail.user_purchase as
  select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code, 'a, b'::varchar(1000) as detail,
         n as quantity, day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
         n as customer_id, 'x'::varchar(20) as country
  from generate_series(timestamp '2010-12-01', '2010-12-05', '1 day') as day, generate_series(1, 9) as n`;

/** Starts a separate process group: a kill hits the operator and all its jobs. */
const start = (env: Variables, ...argv: readonly string[]): ChildProcess =>
  spawn(execPath, [operator, ...argv], { env, stdio: 'ignore', detached: true });

const ended = async (child: ChildProcess): Promise<number | null> => {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
};

/** A source, a bucket and a warehouse, with the operator's variables for them. */
async function open() {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'reviews-')));
  const warehouse = stack.use(new WarehouseInspector(cloud.env));
  const emr = stack.use(new EmrInspector(cloud.env));
  await database.query(sourceView);
  const reviews = join(folder.path, 'reviews.csv');
  await writeFile(reviews, 'cid,review_str\n3,a good one\n4,not so bad\n20,good\n');
  const servers: Variables = {
    ...bucket.env,
    SOURCE_DATABASE_URL: database.url,
    REVIEWS_SOURCE: reviews,
    EMR_LEASE: '3s',
  };
  const state = async (ds: Ds) => {
    const found = await Promise.all(datasets.map((dataset) => publishedDay(bucket, dataset, ds)));
    const runs = found.map(({ manifest }) => manifest?.run ?? '');
    const named = (text: string) => runs.reduce((all, run) => all.replaceAll(run, '{run}'), text);
    const metric = await warehouse.state(ds);
    return {
      rows: [...found.flatMap((day) => day.rows), ...metric.slice],
      rest: named(JSON.stringify([found.map(({ state }) => state), metric])),
    };
  };
  const live = async () => [
    ...(await emr.live(servers['EMR_CLUSTER_ID'] ?? '')),
    ...(await warehouse.runningStatements()),
  ];
  const all = stack.move();
  return { bucket, servers, state, live, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

it('the chain gives the same result wherever it is killed (I5)', async () => {
  await using own = await open();
  const { bucket, servers, state } = own;
  const rows = new RowTally();
  const through = async (ds: Ds, injections: readonly Injection[]) => {
    const schedule = new FaultSchedule(injections);
    for (let starts = 1; starts <= injections.length + 3; starts += 1) {
      schedule.restart();
      await using proxy = await openFaultProxy(servers, { schedule });
      const child = start(proxy.env, 'run', `--ds=${ds}`, '--retries=0');
      proxy.killTarget({ kill: () => process.kill(-(child.pid ?? 0), 'SIGKILL') });
      const code = await ended(child);
      if (code === 0) return { starts, names: schedule.names, unmet: schedule.unmet };
      expect([null, 75, 143]).toContain(code);
    }
    throw new Error(`no success; not injected: ${JSON.stringify(schedule.unmet)}`);
  };

  const first = parseDs('2010-12-01');
  const { names } = await through(first, []);
  const expected = await state(first);
  const random = createRandom(baseSeed(), 'chain');
  const injections = ofJob.flatMap((own) =>
    (['killed before', 'killed after'] as const).map((fault): Injection => {
      const all = names.filter((name) => own.test(name) && !name.includes('#'));
      return { effect: random.pick(all), fault };
    }),
  );
  const ds = parseDs('2010-12-02');
  const context = `SEED=${baseSeed()}: ${JSON.stringify(injections)}`;
  const { starts, unmet } = await through(ds, injections);
  expect((await state(ds)).rest, context).toEqual(expected.rest);
  expect(await own.live(), context).toEqual([]);
  const { removed, orphans } = await orphansAfterSweep(bucket, servers);
  expect(orphans, `${context}: ${removed}`).toEqual([]);
  const end = await state(ds);
  rows.compare(expected.rows, end.rows);
  expect(end.rest, context).toEqual(expected.rest);
  const met = injections.length - unmet.length;
  expect(met, context).toBeGreaterThan(3);
  const counts = { 'faults injected': met, survived: met, 'orphans after sweep': orphans.length };
  report(
    'the chain',
    { ...counts, ...rows.counts },
    `SEED=${baseSeed()}`,
    `${starts} starts`,
    removed,
  );
}, 600_000);

it('two concurrent backfills of the same days give the same result as one (I4)', async () => {
  await using own = await open();
  const { bucket, servers, state } = own;
  const backfill = (from: string, to: string) =>
    ended(start(servers, 'backfill', `--from=${from}`, `--to=${to}`, '--retry-delay=1'));
  expect(await backfill('2010-12-01', '2010-12-01')).toBe(0);
  const expected = await state(parseDs('2010-12-01'));
  const [from, to] = [parseDs('2010-12-02'), parseDs('2010-12-04')];
  const codes = await Promise.all([backfill(from, to), backfill(from, to)]);
  // One may wait for the other's lease longer than its retries last; then it ends with 75.
  for (const code of codes) expect([0, 75]).toContain(code);
  expect(codes).toContain(0);
  const rows = new RowTally();
  const states: string[] = [];
  for (const ds of dsRange(from, to)) {
    const found = await state(ds);
    rows.compare(expected.rows, found.rows);
    states.push(found.rest);
  }
  const { removed, orphans } = await orphansAfterSweep(bucket, servers);
  const counts = { ...rows.counts, 'orphans after sweep': orphans.length };
  report('two concurrent backfills', counts, `ended with ${codes.join(' and ')}`, removed);
  expect(states).toEqual(states.map(() => expected.rest));
  expect(orphans).toEqual([]);
  expect(await own.live()).toEqual([]);
}, 600_000);
