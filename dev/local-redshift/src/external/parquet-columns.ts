/** Checks Parquet files against the external table's columns: Spectrum does not convert types. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType, ExternalColumn } from './external-definition.ts';
import { typeText } from './external-definition.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

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
 * Returns the declared columns that at least one file has; the others read as NULL. `files` is a DuckDB list of
 * paths, `addresses` maps each path to its S3 address.
 * @throws WarehouseError for a column whose type differs.
 */
export async function readParquetColumns(
  connection: DuckDBConnection,
  files: string,
  columns: readonly ExternalColumn[],
  addresses: ReadonlyMap<string, string>,
): Promise<ReadonlySet<string>> {
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
      throw new WarehouseError(
        'Spectrum Scan Error',
        `File '${addresses.get(file) ?? 'unknown'}' has an incompatible Parquet schema for column '${name}'. ` +
          `Column type: ${typeText(type).toUpperCase()}, Parquet schema: ${found}`,
      );
    }
    present.add(name);
  }
  return present;
}

function matches(type: ColumnType, found: string): boolean {
  if (type.name === 'decimal')
    return found === `DECIMAL(${type.precision ?? 18},${type.scale ?? 0})`;
  return accepted[type.name].includes(found);
}
