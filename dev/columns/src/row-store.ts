/**
 * The purchases in PostgreSQL: a row beside the next. One transaction makes, measures and drops them, so neither an end
 * nor an interruption leaves anything.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import pgCopy from 'pg-copy-streams';
import { invoiceOf, invoiceQuery, type Store, sumQuery } from './measurement.ts';

const table = 'lesson_columns.user_purchase';

/** A whole number from 0 to below `limit` that follows from the numbered thing and looks like chance. */
const chance = (number: string, what: number, limit: number): string =>
  `(hashint8extended(${number}, ${String(what)}) & 2147483647) % ${String(limit)}`;

/** Twenty lines an invoice, which has one customer and country; 4,000 articles, each with one price; a year. */
const purchases = (rows: number): string => `
  select
    cast(n / 20 as varchar(10)) as invoice_number,
    cast(20000 + article as varchar(20)) as stock_code,
    cast('ARTICLE ' || article || ' IN RED OR GREEN' as varchar(1000)) as detail,
    cast(1 + ${chance('n', 1, 12)} as integer) as quantity,
    timestamp '2010-12-01' + n * interval '365 days' / ${String(rows)} as invoice_date,
    cast(0.5 + ${chance('article', 2, 900)} / 100.0 as numeric(8, 3)) as unit_price,
    cast(12000 + ${chance('n / 20', 3, 6000)} as integer) as customer_id,
    cast('Country ' || ${chance('n / 20', 4, 38)} as varchar(20)) as country
  from (
    select n, ${chance('n', 5, 4000)} as article
    from generate_series(0::bigint, ${String(rows - 1)}) as n
  ) as lines`;

/** Gives the store to `use`, and the function that writes all rows to a file as CSV. */
export async function withRowStore<T>(
  { databaseUrl, rows }: { readonly databaseUrl: string; readonly rows: number },
  use: (store: Store, exportTo: (file: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'columns' });
  await client.connect();
  try {
    await client.query('begin; create schema lesson_columns');
    await client.query(`create table ${table} as ${purchases(rows)}`);
    await client.query(`create index on ${table} (invoice_number); analyze ${table}`);
    const ask = async (sql: string) =>
      JSON.stringify((await client.query({ text: sql, rowMode: 'array' })).rows);
    const plan = await client.query<{
      readonly 'QUERY PLAN': readonly [{ readonly Plan: Buffers }];
    }>(`explain (analyze, buffers, format json) ${sumQuery(table)}`);
    const size = await client.query<{ readonly bytes: number }>(
      `select pg_table_size('${table}')::float8 as bytes`,
    );
    const { 'Shared Hit Blocks': hit = 0, 'Shared Read Blocks': read = 0 } =
      plan.rows[0]?.['QUERY PLAN'][0].Plan ?? {};
    const store: Store = {
      name: 'PostgreSQL',
      bytes: size.rows[0]?.bytes ?? 0,
      sumByCountry: () => ask(sumQuery(table)),
      bytesOfSum: (hit + read) * 8192,
      oneInvoice: () => ask(invoiceQuery(table, rows)),
      correctOne: async () => {
        await client.query(
          `update ${table} set unit_price = unit_price + 0.01
           where ctid = (select min(ctid) from ${table} where invoice_number = '${invoiceOf(rows)}')`,
        );
      },
    };
    return await use(store, (file) =>
      pipeline(
        client.query(pgCopy.to(`copy ${table} to stdout (format csv, header)`)),
        createWriteStream(file),
      ),
    );
  } finally {
    // Without a commit, the server drops the schema.
    await client.end();
  }
}

interface Buffers {
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
}
