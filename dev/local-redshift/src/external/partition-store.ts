/** Reads and changes the partitions of external tables in the data catalog. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ExternalPartition, ExternalTable } from './external-definition.ts';
import { orderedPartition, type ExternalStatement } from './external-ddl.ts';
import type { PartitionCondition } from './partition-pruning.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const isoDate = /^\d{4}-\d{2}-\d{2}$/;

/** These partitions, and those whose value is not a plain date and might still be equal. */
const withKeys = `and (partition_values in (select unnest(from_json($3, '["varchar"]')))
  or not regexp_full_match(partition_values, '\\["\\d{4}-\\d{2}-\\d{2}"\\]'))`;

/** The keys that the conditions name; undefined if the conditions do not determine them. */
export function partitionKeys(
  { partitionColumns }: ExternalTable,
  conditions: readonly PartitionCondition[],
): string[] | undefined {
  const [column, ...more] = partitionColumns;
  // A date has only one text form, so that it can be looked up.
  if (column?.type.name !== 'date' || more.length > 0) return undefined;
  const exact = conditions.find(
    ({ operator, values }) =>
      (operator === '=' || operator === 'in') && values.every((value) => isoDate.test(value)),
  );
  return exact?.values.map((value) => JSON.stringify([value]));
}

/** Returns the partitions in the order of their values; all of them without `keys`. */
export async function readPartitions(
  connection: DuckDBConnection,
  database: string,
  table: string,
  keys?: readonly string[],
): Promise<ExternalPartition[]> {
  const reader = await connection.runAndReadAll(
    `select partition_values, location from warehouse.external_partition
     where database_name = $1 and table_name = $2 ${keys === undefined ? '' : withKeys}
     order by 1`,
    [database, table, ...(keys === undefined ? [] : [JSON.stringify(keys)])],
  );
  return reader
    .getRowsJson()
    .map((row) => row.map(String))
    .map(([values = '[]', location = '']) => ({
      values: JSON.parse(values) as string[],
      location,
    }));
}

/** How many partitions the table has. */
export async function countPartitions(
  connection: DuckDBConnection,
  database: string,
  table: string,
): Promise<number> {
  const reader = await connection.runAndReadAll(
    'select count(*) from warehouse.external_partition where database_name = $1 and table_name = $2',
    [database, table],
  );
  return Number(reader.getRowsJson()[0]?.[0]);
}

/** @throws WarehouseError for a partition that exists, unless the statement says IF NOT EXISTS. */
export async function addPartitions(
  connection: DuckDBConnection,
  database: string,
  table: ExternalTable,
  statement: Extract<ExternalStatement, { kind: 'add-partitions' }>,
): Promise<void> {
  const added = statement.partitions.map((named) => orderedPartition(table, named));
  const keys = added.map(({ values }) => JSON.stringify(values));
  const existing = await readPartitions(connection, database, table.name, keys);
  const known = new Set(existing.map((partition) => JSON.stringify(partition.values)));
  for (const { values, location } of added) {
    const key = JSON.stringify(values);
    if (known.has(key)) {
      // Keeps the old location (r_ALTER_TABLE_external-table); SET LOCATION changes it.
      if (statement.ifNotExists) continue;
      throw new WarehouseError(`Partition already exists.`);
    }
    known.add(key);
    await connection.run('insert into warehouse.external_partition values ($1, $2, $3, $4)', [
      database,
      table.name,
      key,
      location,
    ]);
  }
}

/** Sets the location of a partition, or drops it if there is none. @throws WarehouseError if it does not exist. */
export async function changePartition(
  connection: DuckDBConnection,
  database: string,
  table: ExternalTable,
  { values, location }: { readonly values: readonly string[]; readonly location?: string },
): Promise<void> {
  const change =
    location === undefined
      ? 'delete from warehouse.external_partition'
      : 'update warehouse.external_partition set location = $4';
  const changed = await connection.run(
    `${change} where database_name = $1 and table_name = $2 and partition_values = $3`,
    [database, table.name, JSON.stringify(values), ...(location === undefined ? [] : [location])],
  );
  if (changed.rowsChanged === 0) throw new WarehouseError('Partition does not exist.');
}
