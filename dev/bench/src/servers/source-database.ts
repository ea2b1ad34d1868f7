/** The measured databases: enlarged copies of the seeded one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import pgCopy from 'pg-copy-streams';
import { type CsvDigest, digestOf } from '../measure/csv-digest.ts';
import { dayAfter } from '../day-range.ts';
import { workspace } from '../paths.ts';

export const table = 'retail.user_purchase';
export const bigDay = '2010-12-01';
/** The rows of the real table, which SCALE multiplies. */
const realRows = 541_909;

const columns =
  'invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country';

/** Runs the statements one after another in one session. Returns the rows of the last. */
export async function runSql(
  url: string,
  ...texts: readonly string[]
): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly unknown[] = [];
    for (const text of texts) rows = (await client.query<Record<string, unknown>>(text)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

export const databaseUrl = (server: string, name: string): string =>
  Object.assign(new URL(server), { pathname: `/${name}` }).href;

/** The job's own query for a day. */
export async function dayQuery(ds: string): Promise<string> {
  const text = await readFile(join(workspace, 'sql/source/extract/user_purchase.sql'), 'utf8');
  return text
    .replaceAll(/^--.*\n/gm, '')
    .replaceAll(':min_quantity', '2')
    .replaceAll(':loadable', "unit_price <> 'NaN'")
    .replaceAll(':otherwise', '1 / (quantity - quantity)')
    .replaceAll(":'ds'", `'${ds}'`)
    .trim();
}

export const copyStatement = (query: string): string =>
  `copy (${query}) to stdout (format csv, header)`;

/** The digest of what PostgreSQL itself writes for the day. */
export async function expectedDigest(url: string, ds: string): Promise<CsvDigest> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await digestOf(client.query(pgCopy.to(copyStatement(await dayQuery(ds)))));
  } finally {
    await client.end();
  }
}

export interface Seeded {
  readonly server: string;
  /** The database that was seeded. */
  readonly name: string;
  /** Where its rows came from. */
  readonly origin: string;
}

/**
 * Creates the database from the seeded one unless it exists. A comment on the database marks it as
 * complete.
 */
async function makeDatabase(
  { server, name: seeded, origin }: Seeded,
  name: string,
  statements: readonly string[],
): Promise<string> {
  const url = databaseUrl(server, name);
  const mark = `complete, of ${origin.replaceAll("'", '')}`;
  const found = await runSql(
    server,
    `select where shobj_description((select oid from pg_database where datname = '${name}'), 'pg_database') = '${mark}'`,
  );
  if (found.length > 0) return url;
  await runSql(
    server,
    `drop database if exists ${name} with (force)`,
    `create database ${name} template ${seeded}`,
  );
  await runSql(
    url,
    'set synchronous_commit = off',
    'drop index retail.user_purchase_invoice_date',
    `create unlogged table seeded as select row_number() over () as n, ${columns} from ${table}`,
    `truncate ${table}`,
    `alter table ${table} set unlogged`,
    ...statements,
    `create index user_purchase_invoice_date on ${table} (invoice_date)`,
    `vacuum (freeze, analyze) ${table}`,
    'drop table seeded',
    'checkpoint',
    `comment on database ${name} is '${mark}'`,
  );
  return url;
}

/** The seeded rows many times over, with SHARE percent of them moved to the big day, evenly mixed. */
export function bigTable(
  seeded: Seeded,
  { SCALE, SHARE }: { readonly SCALE: number; readonly SHARE: number },
): Promise<string> {
  const rows = SCALE * realRows;
  return makeDatabase(seeded, `big_${String(SCALE)}_${String(SHARE)}`, [
    `insert into ${table} (${columns})
     select invoice_number, stock_code, detail, quantity,
       case when (n * 37 + copy) % 100 < ${String(SHARE)}
         then timestamp '${bigDay}' + invoice_date::time else invoice_date end,
       unit_price, customer_id, country
     from generate_series(1, (select ${String(rows)} / count(*) + 1 from seeded)) as copy, seeded
     limit ${String(rows)}`,
  ]);
}

/**
 * The seeded rows many times over, in a table that is logged like that of a shop. The copies of a few seeded days
 * follow each other over a year, so that a day has its share of the table.
 */
export function shopTable(seeded: Seeded, { SCALE }: { readonly SCALE: number }): Promise<string> {
  const rows = SCALE * realRows;
  return makeDatabase(seeded, `shop_${String(SCALE)}`, [
    `insert into ${table} (${columns})
     select invoice_number, stock_code, detail, quantity,
       invoice_date + make_interval(days => copy % (364 / days + 1) * days), unit_price, customer_id, country
     from generate_series(1, (select ${String(rows)} / count(*) + 1 from seeded)::int) as copy, seeded,
       (select max(invoice_date)::date - min(invoice_date)::date + 1 as days from seeded) as span
     limit ${String(rows)}`,
    `alter table ${table} set logged`,
  ]);
}

/**
 * Consecutive days, starting with the big day: the first has 10,000 rows to extract, each next one ten
 * times as many, up to the largest.
 */
export const growthDays = (largest: number): readonly { readonly ds: string; rows: number }[] =>
  [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
    .filter((rows) => rows <= largest)
    .map((rows, at) => ({ ds: dayAfter(bigDay, at), rows }));

export function growthTable(
  seeded: Seeded,
  { LARGEST }: { readonly LARGEST: number },
): Promise<string> {
  return makeDatabase(
    seeded,
    `growth_${String(LARGEST)}`,
    growthDays(LARGEST).map(
      ({ ds, rows }) =>
        `insert into ${table} (${columns})
         select invoice_number, stock_code, detail, quantity, timestamp '${ds}' + invoice_date::time,
           unit_price, customer_id, country
         from generate_series(1, (select ${String(rows)} / count(*) + 1 from seeded where quantity > 2)) as copy,
           seeded
         where quantity > 2
         limit ${String(rows)}`,
    ),
  );
}
