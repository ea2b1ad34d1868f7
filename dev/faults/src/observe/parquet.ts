/** Parquet as rows: written for a test, and read so that equal rows are equal, however they lie. */
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

async function withFile<T>(
  work: (path: string, connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'parquet-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(join(folder.path, 'part.parquet'), connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Cleaned reviews, with the columns as Spark writes them. */
export function reviewsParquet(
  reviews: readonly (readonly [customer: number, positive: boolean])[],
): Promise<Uint8Array> {
  return withFile(async (path, connection) => {
    const values = reviews.map(([customer, positive]) => `('${customer}', ${positive})`);
    await connection.run(
      `copy (select * from (values ${values.join(',')}) as t(cid, positive_review))
       to '${path}' (format parquet)`,
    );
    return readFile(path);
  });
}

/** All rows as text, as a multiset: sorted. */
export function parquetRows(bytes: Uint8Array): Promise<string> {
  return withFile(async (path, connection) => {
    await writeFile(path, bytes);
    const found = await connection.runAndReadAll(`select * from '${path}'`);
    return found
      .getRowsJson()
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  });
}
