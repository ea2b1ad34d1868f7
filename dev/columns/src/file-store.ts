/** The purchases as a file, read by DuckDB: CSV has rows, Parquet has columns. */
import { rename, stat } from 'node:fs/promises';
import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { invoiceOf, invoiceQuery, type Store, sumQuery } from './measurement.ts';

/** The types of the table, for a CSV file, which has none. */
const types = `{invoice_number: 'varchar', stock_code: 'varchar', detail: 'varchar', quantity: 'integer',
  invoice_date: 'timestamp', unit_price: 'decimal(8, 3)', customer_id: 'integer', country: 'varchar'}`;
const summed = ['country', 'quantity', 'unit_price'];

const readCsv = (file: string): string =>
  `read_csv('${quoted(file)}', header = true, columns = ${types})`;
const readParquet = (file: string): string => `read_parquet('${quoted(file)}')`;
const quoted = (path: string): string => path.replaceAll("'", "''");

/** Writes the rows of the CSV file to a Parquet file. */
export async function toParquet(
  connection: DuckDBConnection,
  { csv, parquet }: { readonly csv: string; readonly parquet: string },
): Promise<void> {
  await connection.run(
    `copy (select * from ${readCsv(csv)}) to '${quoted(parquet)}' (format parquet, compression snappy)`,
  );
}

export async function fileStore(
  connection: DuckDBConnection,
  {
    format,
    file,
    rows,
  }: { readonly format: 'CSV' | 'Parquet'; readonly file: string; readonly rows: number },
): Promise<Store> {
  const source = format === 'CSV' ? readCsv(file) : readParquet(file);
  const ask = async (sql: string): Promise<Json[][]> =>
    (await connection.runAndReadAll(sql)).getRowsJson();
  const { size: bytes } = await stat(file);
  return {
    name: format,
    bytes,
    sumByCountry: async () => JSON.stringify(await ask(sumQuery(source))),
    // A reader of CSV finds the end of a line only by reading it.
    bytesOfSum: format === 'CSV' ? bytes : await bytesOfColumns(ask, file),
    oneInvoice: async () => JSON.stringify(await ask(invoiceQuery(source, rows))),
    // A file has no row to change in place: all of it is written again.
    correctOne: async () => {
      await connection.run(
        `copy (
           select * replace (case when invoice_number = '${invoiceOf(rows)}' then unit_price + 0.01 else unit_price end as unit_price)
           from ${source}
         ) to '${quoted(`${file}.new`)}' (format ${format.toLowerCase()})`,
      );
      await rename(`${file}.new`, file);
    },
  };
}

async function bytesOfColumns(
  ask: (sql: string) => Promise<Json[][]>,
  file: string,
): Promise<number> {
  const [[bytes] = []] = await ask(
    `select sum(total_compressed_size)::double from parquet_metadata('${quoted(file)}')
     where path_in_schema in (${summed.map((name) => `'${name}'`).join(', ')})`,
  );
  return Number(bytes);
}
