/** What must hold of any purchases, from the table at the source to the metric. */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env as variables } from 'node:process';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/database';
import { type Desk, expectedSlice, openDesk } from './desk.ts';
import { type RandomDay, randomDays } from './random-days.ts';
import { type Purchase, stageReviews } from './stages.ts';

/** PROPERTY_SEED=… makes the days of an earlier run again. */
const seed = Number(variables['PROPERTY_SEED'] ?? randomInt(2 ** 31));
const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

let cloud: TestCloud;
let extract: BundledJob;
let load: BundledJob;
beforeAll(async () => {
  extract = await bundleJob('extract-purchases');
  load = await bundleJob('redshift-load');
  cloud = await startLocalServers(['postgres', 's3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

async function sourceOf(days: ReadonlyMap<Ds, RandomDay>): Promise<TestDatabase> {
  const database = await freshDatabase(cloud);
  await database.query(await readFile(ddl, 'utf8'));
  for (const [ds, { sales }] of days) {
    await database.query(
      `insert into retail.user_purchase
       select invoice, 'code', detail, quantity, $1::timestamp + interval '8 hours', price, customer, country
       from json_to_recordset($2) as sale (invoice varchar, detail varchar, quantity integer,
         price numeric, customer integer, country varchar)`,
      [ds, JSON.stringify(sales)],
    );
  }
  return database;
}

const bought = ({ sales }: RandomDay): readonly Purchase[] =>
  sales
    .filter(({ quantity }) => quantity > 2)
    .map(({ quantity, price, customer }) =>
      customer === null ? { quantity, price } : { quantity, price, customer },
    );

const daysFrom = (first: Ds, days: readonly RandomDay[]): ReadonlyMap<Ds, RandomDay> => {
  let ds = first;
  return new Map(
    days.map((day, index) => {
      if (index > 0) ds = nextDs(ds);
      return [ds, day];
    }),
  );
};

/** Runs both jobs, and expects them to end well; the statuses of the load. */
async function pass(env: TestCloud['env'], ...argv: string[]): Promise<readonly unknown[]> {
  expect(await extract.run(env, ...argv)).toMatchObject({ code: 0 });
  const loaded = await load.run(env, ...argv);
  expect(loaded.code, JSON.stringify(loaded.summaries)).toBe(0);
  return loaded.summaries.map(({ status }) => status);
}

async function expectSlices(desk: Desk, days: ReadonlyMap<Ds, RandomDay>): Promise<void> {
  for (const [ds, day] of days) {
    expect(await desk.slice(ds), `${ds}, seed ${seed}`).toEqual(
      expectedSlice(bought(day), day.reviews),
    );
  }
}

describe('any purchases', () => {
  it('arrive at the external table as they were, text by text, and at the metric', async () => {
    await using desk = await openDesk(cloud, load);
    const days = daysFrom(desk.ds, randomDays(3, seed));
    await using database = await sourceOf(days);
    for (const [ds, { reviews }] of days) await stageReviews(desk.bucket, ds, reviews);
    const last = [...days.keys()].at(-1) ?? '';
    const env = { ...desk.env, SOURCE_DATABASE_URL: database.url };
    await pass(env, `--ds=${desk.ds}`, `--through=${last}`);
    await expectSlices(desk, days);
    // The SerDe reads text only, so empty and null are one to it; and it reads a field line by line,
    // so every line break within quotes arrives as \n. No number of the metric depends on either.
    const columns = ['invoice_number', 'detail', 'country', 'customer_id'];
    const texts = columns
      .map(
        (column) =>
          `regexp_replace(coalesce(${column}::text, ''), '\\r\\n?', e'\\n', 'g') as ${column}`,
      )
      .join(', ');
    const here = await database.query(
      `select ${texts} from retail.user_purchase where quantity > 2`,
    );
    const there = await desk.warehouse.query(
      `select ${columns.map((column) => `coalesce(${column}, '') as ${column}`).join(', ')}
       from spectrum.user_purchase_staging where insert_date between '${desk.ds}' and '${last}'`,
    );
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(here.length).toBeGreaterThan(30);
    expect(sorted(there), `seed ${seed}`).toEqual(sorted(here));
  });
});

describe('the days of a range', () => {
  it('end equal done at once, one by one in any order, and once more; a customer that is gone goes', async () => {
    await using desk = await openDesk(cloud, load);
    const days = daysFrom(desk.ds, randomDays(4, seed + 1));
    const all = [...days.keys()];
    await using database = await sourceOf(days);
    const source = { SOURCE_DATABASE_URL: database.url };
    const range = [`--ds=${desk.ds}`, `--through=${all.at(-1) ?? ''}`];
    for (const [ds, { reviews }] of days) await stageReviews(desk.bucket, ds, reviews);
    await pass({ ...desk.env, ...source }, ...range);
    await expectSlices(desk, days);

    for (const table of [
      'user_behavior_metric where insert_date',
      'user_behavior_metric_load where ds',
    ]) {
      await desk.warehouse.query(
        `delete from public.${table} between '${desk.ds}' and '${all.at(-1) ?? ''}'`,
      );
    }
    await using bucket = await freshBucket(cloud);
    for (const [ds, { reviews }] of days) await stageReviews(bucket, ds, reviews);
    const env = { ...bucket.env, ...source };
    const shuffled = all.toSorted(
      (one, other) => (seed % 2 === 0 ? 1 : -1) * one.localeCompare(other),
    );
    for (const ds of [...shuffled.slice(2), ...shuffled.slice(0, 2)]) await pass(env, `--ds=${ds}`);
    await expectSlices(desk, days);

    const ledgers = () => Promise.all(all.map((ds) => desk.ledger(ds)));
    const before = { keys: await bucket.keys(), ledgers: await ledgers() };
    expect(await pass(env, ...range)).toEqual(all.map(() => 'unchanged'));
    expect({ keys: await bucket.keys(), ledgers: await ledgers() }).toEqual(before);

    const [, second] = all;
    const day = second === undefined ? undefined : days.get(second);
    if (second === undefined || day === undefined) throw new Error('there is no second day');
    const gone = (customer: number | null) => customer !== null && customer % 2 === 0;
    await database.query(
      `delete from retail.user_purchase where invoice_date::date = '${second}' and customer_id % 2 = 0`,
    );
    const corrected = { ...day, sales: day.sales.filter(({ customer }) => !gone(customer)) };
    const statuses = await pass(env, ...range);
    expect(statuses.filter((status) => status === 'loaded')).toHaveLength(1);
    await expectSlices(desk, new Map([...days, [second, corrected]]));
  });
});
