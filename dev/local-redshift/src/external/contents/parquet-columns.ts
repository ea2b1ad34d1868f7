/** Checks Parquet files against the external table's columns: Spectrum does not convert types. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType, ExternalColumn } from '../external-definition.ts';
import { typeText } from '../external-definition.ts';
import { scanError } from '../spectrum-files.ts';

const accepted: Readonly<Record<ColumnType['name'], readonly string[]>> = {
  smallint: ['TINYINT', 'SMALLINT'],
  integer: ['TINYINT', 'SMALLINT', 'INTEGER'],
  bigint: ['BIGINT'],
  decimal: [],
  real: ['FLOAT'],
  'double precision': ['DOUBLE'],
  boolean: ['BOOLEAN'],
  char: ['VARCHAR'],
  varchar: ['VARCHAR'],
  date: ['DATE'],
  timestamp: ['TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP_MS', 'TIMESTAMP WITH TIME ZONE'],
};

/**
 * Returns the declared columns that at least one file has (the others read as NULL) and the number of rows of all
 * files. `files` is a DuckDB list of paths, `addresses` maps each path to its S3 address.
 * @throws WarehouseError for a column whose type differs.
 */
export async function readParquetFiles(
  connection: DuckDBConnection,
  files: string,
  columns: readonly ExternalColumn[],
  addresses: ReadonlyMap<string, string>,
): Promise<{ readonly present: ReadonlySet<string>; readonly rows: number }> {
  const counted = await connection.runAndReadAll(
    `select sum(num_rows) from parquet_file_metadata(${files})`,
  );
  const reader = await connection.runAndReadAll(
    `select distinct file_name, lower(name), duckdb_type from parquet_schema(${files})
     where duckdb_type is not null order by 1, 2`,
  );
  const declared = new Map(columns.map((column) => [column.name, column.type]));
  const present = new Set<string>();
  for (const [file, name, found] of reader.getRowsJson().map((row) => row.map(String))) {
    const type = declared.get(name ?? '');
    if (file === undefined || name === undefined || found === undefined || type === undefined)
      continue;
    if (!matches(type, found)) {
      const address = addresses.get(file) ?? 'unknown';
      throw scanError(
        `File '${address}' has an incompatible Parquet schema for column '${name}'. ` +
          `Column type: ${typeText(type).toUpperCase()}, Parquet schema: ${found}`,
        address,
      );
    }
    present.add(name);
  }
  return { present, rows: Number(counted.getRowsJson()[0]?.[0]) };
}

function matches(type: ColumnType, found: string): boolean {
  if (type.name === 'decimal')
    return found === `DECIMAL(${type.precision ?? 18},${type.scale ?? 0})`;
  return accepted[type.name].includes(found);
}
