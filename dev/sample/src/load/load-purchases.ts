/** Loads purchases into the source table: the whole file or nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pgCopy from 'pg-copy-streams';
import type pg from 'pg';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { asInputFailure, type InputFile, type Progress } from './input-file.ts';
import { columns } from './purchase-columns.ts';
import { purchaseRows } from './purchase-rows.ts';
import { asSourceFailure } from './source-database.ts';

export interface LoadedPurchases {
  readonly rows: number;
  /** How many distinct days there are, and the first and the last. */
  readonly days: number;
  readonly first: Ds;
  readonly last: Ds;
  /** Unpacked. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface LoadOptions {
  /** The folder with the DDL; its files run in the order of their names. */
  readonly ddl: string;
  readonly signal: AbortSignal;
  /** Called about every five seconds. */
  readonly onProgress: (progress: Progress) => void;
}

const table = 'retail.user_purchase';
const progressInterval = 5_000;

/**
 * Replaces the rows of the table in one transaction: readers see the old rows or the new ones, and a failure
 * or a kill leaves the old ones.
 * @throws a data failure for a line that does not fit (it says which), or a file without rows or dates.
 */
export async function loadPurchases(
  client: pg.Client,
  file: InputFile,
  options: LoadOptions,
): Promise<LoadedPurchases> {
  const started = performance.now();
  const progress: Progress = { onDisk: 0, unpacked: 0 };
  try {
    await client.query('begin');
    // A reader may hold the table. Without a limit, the truncate would wait, and everyone behind it.
    await client.query(`set local lock_timeout = '30s'`);
    await client.query(`set local datestyle = 'ISO, YMD'`);
    // One seed at a time: two that create the same schema concurrently would fail.
    await client.query(`select pg_advisory_xact_lock(hashtext('${table}'))`);
    await runFiles(client, options.ddl);
    await client.query(`truncate ${table}`);
    const rows = await copy(client, file, progress, options);
    const days = await coveredDays(client, file);
    await client.query('commit');
    await client.query(`analyze ${table}`);
    const seconds = (performance.now() - started) / 1_000;
    return { rows, ...days, bytes: progress.unpacked, seconds };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (options.signal.aborted) throw options.signal.reason;
    throw asSourceFailure(asInputFailure(file, error), file.name);
  }
}

/** The rows of the table; 0 if there is no table. Counts up to `limit`. */
export async function countPurchases(client: pg.Client, limit: number | 'all'): Promise<number> {
  try {
    const found = await client.query(`select where to_regclass('${table}') is not null`);
    if (found.rowCount === 0) return 0;
    const { rows } = await client.query<{ rows: string }>(
      `select count(*) as rows from (select from ${table} limit ${limit}) as counted`,
    );
    return Number(rows[0]?.rows);
  } catch (error) {
    throw asSourceFailure(error);
  }
}

export const noRows = ({ name }: InputFile): Failure =>
  new Failure('data', `PURCHASES: ${name} has a header and no rows`, {
    action: 'nothing was loaded; the earlier purchases are unchanged',
  });

async function runFiles(client: pg.Client, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (const name of files) await client.query(await readFile(join(folder, name), 'utf8'));
}

async function copy(
  client: pg.Client,
  file: InputFile,
  progress: Progress,
  { signal, onProgress }: LoadOptions,
): Promise<number> {
  const names = columns.map(({ name }) => name).join(', ');
  const sink = client.query(pgCopy.from(`copy ${table} (${names}) from stdin (encoding 'UTF8')`));
  const timer = setInterval(() => {
    onProgress(progress);
  }, progressInterval);
  try {
    await pipeline(purchaseRows(file, progress), joined, sink, { signal });
  } finally {
    clearInterval(timer);
  }
  if (sink.rowCount === 0) throw noRows(file);
  return sink.rowCount;
}

async function* joined(chunks: AsyncIterable<readonly string[]>): AsyncGenerator<Buffer> {
  for await (const rows of chunks) if (rows.length > 0) yield Buffer.from(rows.join(''));
}

async function coveredDays(
  client: pg.Client,
  { name }: InputFile,
): Promise<Pick<LoadedPurchases, 'days' | 'first' | 'last'>> {
  const { rows } = await client.query<{ days: number; first: string | null; last: string | null }>(
    `select count(distinct invoice_date::date)::int as days,
            min(invoice_date::date)::text as first,
            max(invoice_date::date)::text as last
     from ${table}`,
  );
  const [first, last] = [rows[0]?.first ?? '', rows[0]?.last ?? ''];
  if (isDs(first) && isDs(last)) return { days: rows[0]?.days ?? 0, first, last };
  throw new Failure('data', `PURCHASES: ${name} has no dates`, {
    action: 'nothing was loaded; correct InvoiceDate and seed again',
  });
}
