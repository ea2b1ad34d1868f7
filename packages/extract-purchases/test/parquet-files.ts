/** What DuckDB reads from Parquet files. */
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Queries files by their names, e.g. `select * from 'one.parquet'`. Returns the rows as lists of values. */
export async function queryFiles(
  files: Readonly<Record<string, Uint8Array>>,
  sql: string,
): Promise<unknown[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'parquet-'));
  return await queryIn(folder.path, files, sql);
}

/** The rows as CSV with a header: null is an empty field, and the empty text is quoted. */
export async function csvOfParquet(parquet: Uint8Array): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'parquet-'));
  const csv = join(folder.path, 'all.csv');
  const copy = `copy (select * from 'all.parquet') to '${csv}' (format csv, header)`;
  await queryIn(folder.path, { 'all.parquet': parquet }, copy);
  return await readFile(csv);
}

async function queryIn(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  sql: string,
): Promise<unknown[]> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`set file_search_path = '${folder}'`);
    return (await connection.runAndReadAll(sql)).getRowsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
