/** Reads the partitions of an external table that a statement names, at a cost independent of all others. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ExternalPartition, ExternalTable } from './external-definition.ts';
import type { PartitionCondition } from './partition-pruning.ts';

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
