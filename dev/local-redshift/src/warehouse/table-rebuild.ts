/** Writes a table anew with other columns: DuckDB cannot add, change or drop the checks that hold the length of a text. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName } from '../sql/sql-tokens.ts';
import { maximumLength } from './system-views.ts';
import { WarehouseError } from './warehouse-error.ts';

export interface ColumnChange {
  /** Without a schema, a temporary table of that name comes first. */
  readonly table: { readonly schema: string | undefined; readonly name: string };
  /** The new length of a text in bytes. */
  readonly resized?: { readonly column: string; readonly length: number };
  readonly dropped?: string;
  /** A new column, in which all rows take its default: an UPDATE would rule out further ALTERs in its transaction. */
  readonly filled?: { readonly column: string; readonly required: boolean };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  readonly nullable: boolean;
  readonly length: number | null;
}

/** Must run in a transaction. @throws WarehouseError if the table or the column does not exist. */
export async function rebuildTable(
  connection: DuckDBConnection,
  { table, resized, dropped, filled }: ColumnChange,
): Promise<void> {
  const { temporary, schema } = await locate(connection, table);
  const columns = await columnsOf(connection, temporary, schema, table.name);
  const column = resized?.column ?? dropped ?? filled?.column ?? '';
  const changed = columns.find(({ name }) => name === column);
  if (changed === undefined) {
    throw new WarehouseError(`column "${column}" of relation "${table.name}" does not exist`);
  }
  if (resized !== undefined && changed.type !== 'VARCHAR') {
    throw new WarehouseError(
      `cannot alter column "${changed.name}" of relation "${table.name}", only the size of a VARCHAR can change`,
    );
  }
  const kept = columns.filter(({ name }) => name !== dropped);
  if (kept.length === 0) throw new WarehouseError('cannot drop the last column of a table');
  const definitions = kept.map((one) =>
    definition({
      ...one,
      length: one.name === resized?.column ? resized.length : one.length,
      nullable: one.nullable && !(filled?.required === true && one.name === filled.column),
    }),
  );
  const name = temporary
    ? `temp.${quoteName(table.name)}`
    : `${quoteName(schema)}.${quoteName(table.name)}`;
  const names = kept
    .filter((one) => one.name !== filled?.column)
    .map((one) => quoteName(one.name))
    .join(', ');
  await connection.run(`create temp table rs_rebuilt as select ${names} from ${name}`);
  await connection.run(`drop table ${name}`);
  await connection.run(
    `create ${temporary ? 'temp ' : ''}table ${name} (${definitions.join(', ')})`,
  );
  await connection.run(`insert into ${name} (${names}) select * from rs_rebuilt`);
  await connection.run('drop table rs_rebuilt');
}

async function locate(connection: DuckDBConnection, { schema, name }: ColumnChange['table']) {
  const found = await connection.runAndReadAll(
    `select temporary, schema_name from duckdb_tables()
     where table_name = $1 and (case when temporary then $2 is null else
       database_name = current_database() and schema_name = coalesce($2, 'public') end)
     order by temporary desc limit 1`,
    [name, schema ?? null],
  );
  const [row] = found.getRowsJson() as unknown as (readonly [boolean, string])[];
  if (row === undefined) throw new WarehouseError(`relation "${name}" does not exist`);
  return { temporary: row[0], schema: row[1] };
}

async function columnsOf(
  connection: DuckDBConnection,
  temporary: boolean,
  schema: string,
  table: string,
): Promise<Column[]> {
  const found = await connection.runAndReadAll(
    `select column_name, data_type, column_default, is_nullable,
       ${maximumLength}
     from duckdb_columns() as c
     where table_name = $1 and schema_name = $2
       and database_name = case when $3 then 'temp' else current_database() end
     order by column_index`,
    [table, schema, temporary],
  );
  type Row = readonly [string, string, string | null, boolean, number | null];
  return (found.getRowsJson() as unknown as Row[]).map(
    ([name, type, standard, nullable, length]) => ({
      name,
      type,
      default: standard,
      nullable,
      length,
    }),
  );
}

function definition(column: Column): string {
  const name = quoteName(column.name);
  const parts = [name, column.type];
  if (column.default !== null) parts.push(`default ${column.default}`);
  if (!column.nullable) parts.push('not null');
  if (column.length !== null) parts.push(`check (strlen(${name}) <= ${column.length})`);
  return parts.join(' ');
}
