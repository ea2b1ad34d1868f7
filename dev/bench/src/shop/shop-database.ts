/** The database of the shop during a measurement: the same at the start of each, and watched. */
import { setTimeout as delay } from 'node:timers/promises';
import { runSql, table } from '../servers/source-database.ts';

/** One row a second on the shop's own day, so that transaction.sql finds what it changes from the start. */
export const resetShop = (url: string): Promise<unknown> =>
  runSql(
    url,
    `delete from ${table} where invoice_date >= '2012-01-01'`,
    `insert into ${table} (invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country)
     select '600000', '71053', 'WHITE METAL LANTERN', 6, timestamp '2012-01-15' + second * interval '1 second', 3.39, 17850, 'United Kingdom'
     from generate_series(0, 86399) as second`,
    `vacuum (analyze) ${table}`,
    'checkpoint',
  );

/** The days of the history that have purchases to extract. */
export async function daysOf(url: string): Promise<readonly string[]> {
  const rows = (await runSql(
    url,
    `select distinct cast(invoice_date::date as text) as ds from ${table}
     where quantity > 2 and invoice_date < '2012-01-01' order by ds`,
  )) as { ds: string }[];
  return rows.map(({ ds }) => ds);
}

/** How often the table was read from its start to its end. */
export async function scansOf(url: string): Promise<number> {
  const [row] = (await runSql(
    url,
    'select pg_stat_clear_snapshot()',
    `select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_user_tables where relid = '${table}'::regclass`,
  )) as { scans: number }[];
  return row?.scans ?? 0;
}

/** Bytes that the server's log has grown since it was made. */
export async function logPosition(url: string): Promise<number> {
  const [row] = (await runSql(
    url,
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`,
  )) as { bytes: number }[];
  return row?.bytes ?? 0;
}

/**
 * Watches until `isOver` what slots keep of the log, in bytes; undefined if there is no slot. Also lets the server
 * write what a slot needs to move on, which it does by itself every 15 s: the measurement's time is shorter than a real one.
 */
export async function mostLogKept(url: string, isOver: () => boolean): Promise<number | undefined> {
  let most: number | undefined;
  while (!isOver()) {
    const [row] = (await runSql(
      url,
      'select pg_log_standby_snapshot()',
      `select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::float8 as bytes from pg_replication_slots`,
    )) as { bytes: number | null }[];
    if (row !== undefined && row.bytes !== null) most = Math.max(most ?? 0, row.bytes);
    await delay(500);
  }
  return most;
}

/** Drops the role that never uses an index, if it exists. */
export const dropScanner = (url: string): Promise<unknown> =>
  runSql(url, `drop role if exists ${scanner}`);

const scanner = 'bench_scan';

/** The address of the database for a role whose queries use no index, as at a source without one. */
export async function asScanner(url: string, password: string): Promise<string> {
  await dropScanner(url);
  await runSql(
    url,
    `create role ${scanner} login password '${password}' in role pg_read_all_data`,
    ...['indexscan', 'indexonlyscan', 'bitmapscan'].map(
      (name) => `alter role ${scanner} set enable_${name} = off`,
    ),
  );
  return Object.assign(new URL(url), { username: scanner, password }).href;
}
