/** Random changes in a history that is loaded. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asset } from '@user-behaviour/shared/asset';
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { daysFrom, type Ds, parseDs } from '@user-behaviour/shared/ds';
import { changesHeadKey } from '@user-behaviour/shared/keys';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { cells, operator } from '@user-behaviour/testkit/operator-command';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { createRandom, type Random } from '@user-behaviour/sample/random';
import pg from 'pg';
import { expect } from 'vitest';
import { baseSeed } from '../src/choice.ts';
import { WarehouseInspector } from '../src/observe/warehouse-inspector.ts';
import { report } from './report.ts';

export interface Size {
  readonly days: number;
  readonly changes: number;
}

const rowsOf = (values: string, count: number) =>
  `insert into retail.user_purchase
   select n::text, 'S' || n % 9, 'say "hi", ' || n, 1 + n % 9, ${values}, 1.5 + n % 7, 12000 + n % 30, 'Norway'
   from generate_series(1, ${String(count)}) as n`;

/** Keeps the day of each row that a committed statement has written or removed. */
const witness = `
  create table witness (ds date);
  create function record() returns trigger language plpgsql as $$ begin
    if tg_op <> 'INSERT' then insert into witness values (old.invoice_date::date); end if;
    if tg_op <> 'DELETE' then insert into witness values (new.invoice_date::date); end if;
    return null;
  end $$;
  create trigger witness after insert or update or delete on retail.user_purchase
    for each row execute function record()`;

/** More than PostgreSQL keeps in the row itself. */
const long = `(select string_agg(chr(19968 + (20000 * random())::int), '') from generate_series(1, 900))`;

/** A statement that changes some rows of a day, or brings or takes them. */
function anyStatement(random: Random, touched: readonly Ds[]): string {
  const ds = random.pick(touched);
  const at = (day: Ds) => `timestamp '${day} ${String(random.integer(10, 19))}:30:00.25'`;
  const some = `where invoice_date::date = '${ds}' and quantity % 4 = ${String(random.integer(0, 3))}`;
  const set = (change: string) => `update retail.user_purchase set ${change} ${some}`;
  return random.pick([
    () => rowsOf(at(ds), random.integer(1, 3)),
    () => set(`quantity = ${String(random.integer(0, 9))}`),
    () => set(`unit_price = ${String(random.integer(1, 99_999) / 1_000)}`),
    () =>
      set(`customer_id = ${random.chance(0.2) ? 'null' : String(random.integer(12_000, 12_029))}`),
    () => set(`detail = ${random.pick(['null', long, `E'a\\tb\\nc'`])}`),
    () => set(`invoice_date = ${at(random.pick(touched))}`),
    () => set('country = country'),
    () => `delete from retail.user_purchase ${some} and invoice_number = '1'`,
  ])();
}

/** About a fifth of the transactions are undone, in part or as a whole. */
async function change(
  database: TestDatabase,
  random: Random,
  touched: readonly Ds[],
  changes: number,
) {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    for (let made = 0; made < changes;) {
      const statements = Array.from({ length: random.integer(1, 4) }, () =>
        anyStatement(random, touched),
      );
      const undone = ['savepoint s', anyStatement(random, touched), 'rollback to s'];
      const all = random.chance(0.1) ? [...statements, ...undone] : statements;
      const end = random.chance(0.1) ? 'rollback' : 'commit';
      await client.query(['begin', ...all, end].join(';\n'));
      made += statements.length;
    }
  } finally {
    await client.end();
  }
}

/** What an extraction would publish of each day. */
async function contents(database: TestDatabase): Promise<ReadonlyMap<string, string>> {
  const rows = (await database.query(
    `select invoice_date::date::text as ds, md5(string_agg(p::text, '|' order by p::text)) as content
     from retail.user_purchase as p where quantity > 2 group by 1`,
  )) as readonly { ds: string; content: string }[];
  return new Map(rows.map(({ ds, content }) => [ds, content]));
}

/**
 * Loads a history, changes it, captures and catches up once, and rebuilds it. Expects that only the touched days are
 * extracted, that only those that differ are published and loaded, and that the rebuild changes nothing.
 */
export async function changeHistory(cloud: TestCloud, size: Size): Promise<void> {
  const days = daysFrom(parseDs('2011-03-01'), parseDs('2013-03-01'), size.days);
  const [from, to] = [days[0] ?? '', days.at(-1) ?? ''];
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase(cloud));
  const bucket = stack.use(await freshBucket(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'captured-')));
  const warehouse = stack.use(new WarehouseInspector(cloud.env));
  const reviews = join(folder.path, 'reviews.csv');
  const customers = Array.from({ length: 30 }, (_, n) => `${String(12_000 + n)},a good one`);
  await writeFile(reviews, ['cid,review_str', ...customers, ''].join('\n'));
  const env = {
    ...bucket.env,
    ...{ SOURCE_DATABASE_URL: database.url, CAPTURE_SLOT: 'captured_history' },
    ...{ REVIEWS_SOURCE: reviews, HISTORY_START: from, HISTORY_END: to },
  };
  const run = async (job: string, ...argv: readonly string[]) => {
    const { code, summaries } = await (await bundleJob(job)).run(env, ...argv);
    expect(code, JSON.stringify(summaries.slice(-3))).toBe(0);
    return summaries;
  };
  const catchup = async () => {
    const { code, stdout, stderr } = await operator(env, 'catchup', '--yes', '--retry-delay=0');
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const slices = () => warehouse.slices(parseDs(from), parseDs(to));

  await database.query(asset('sql/source/001_user_purchase.sql'));
  await database.query(asset('sql/source/capture/010_identity_and_publication.sql'));
  for (const ds of days) await database.query(rowsOf(`timestamp '${ds} 08:00'`, 20));
  await run('capture-purchases', '--reset');
  stack.defer(async () => {
    await database.query(`select pg_drop_replication_slot('captured_history')`);
  });
  // As any transaction of the shop: what begins after the reset is covered.
  await database.query(witness);
  await catchup();
  await run('capture-purchases');
  expect(await catchup()).toBe(`nothing to do up to ${to}\n`);

  const random = createRandom(baseSeed(), 'captured history');
  const context = `SEED=${String(baseSeed())}`;
  const shuffled = random.shuffle(days);
  const half = Math.ceil(days.length / 2);
  const [eligible, still] = [shuffled.slice(0, half), shuffled.slice(half, half + 2)];
  const before = await contents(database);
  await change(database, random, eligible, size.changes);
  // These are touched, and end as they were.
  for (const ds of still) {
    await database.query(
      `update retail.user_purchase set country = country where invoice_date::date = '${ds}'`,
    );
  }
  const after = await contents(database);
  const really = days.filter((ds) => before.get(ds) !== after.get(ds));
  expect(
    really.filter((ds) => still.includes(ds)),
    context,
  ).toEqual([]);
  const written = await database.query('select distinct ds::text as ds from witness order by 1');
  const touched = written.map((row) => (row as { ds: string }).ds);

  const [captured] = await run('capture-purchases');
  expect(captured?.['days'], context).toEqual(touched);
  const head = JSON.parse(await bucket.text(changesHeadKey)) as ChangesHead;
  expect(Object.keys(head.days), context).toEqual(touched);
  const done = cells(await catchup());
  expect(
    done.map(([ds]) => ds),
    context,
  ).toEqual(touched);
  const published = done.filter(([, extract]) => extract?.startsWith('published') === true);
  expect(
    published.map(([ds]) => ds),
    context,
  ).toEqual(really);
  const loaded = done.filter(([, , , , load]) => load?.startsWith('loaded') === true);
  expect(
    loaded.map(([ds]) => ds),
    context,
  ).toEqual(really);
  expect(await catchup()).toBe(`nothing to do up to ${to}\n`);

  const caughtUp = await slices();
  expect(caughtUp.size, context).toBeGreaterThan(size.days / 2);
  const range = [`--ds=${from}`, `--through=${to}`, '--parallel=4', '--force'];
  await run('extract-purchases', ...range);
  const rebuilt = await run('redshift-load', ...range);
  expect(new Set(rebuilt.map(({ status }) => status))).toEqual(new Set(['loaded']));
  expect(await slices(), context).toEqual(caughtUp);
  const counts = `${String(touched.length)} of ${String(days.length)} days touched, ${String(really.length)} changed`;
  report('capture and catchup equal a rebuild', {}, context, counts);
}
