/** Creates the system views that a statement names, for its session only: most statements name none. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryViews } from './query-views.ts';
import { scanViews } from './scan-views.ts';
import { queryRows, rowTypes, scanRows, sessionRows } from './statement-rows.ts';
import { createTableRows, tableViews } from './table-views.ts';
import { createViewSql, type SystemView } from './view-definition.ts';
import { isWord, type Token } from '../sql/sql-tokens.ts';
import type { StatementRecord } from '../statements/statement-record.ts';
import { isSystemName } from '../warehouse/system-names.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export const sessionViews: Readonly<Record<string, SystemView>> = {
  ...queryViews,
  ...scanViews,
  ...tableViews,
};

/**
 * `records` reads the statements that are kept; it is called only if a view needs them.
 * @throws WarehouseError for a view over one of them, which other sessions could not read.
 */
export async function createSessionViews(
  connection: DuckDBConnection,
  tokens: readonly Token[],
  records: () => readonly StatementRecord[],
): Promise<void> {
  const names = new Set(tokens.filter(isSystemName).map(({ text }) => text.toLowerCase()));
  const named = [...names].flatMap((name) => {
    const view = sessionViews[name];
    return view === undefined ? [] : [{ name, view }];
  });
  if (
    named.length > 0 &&
    isWord(tokens[0], 'create') &&
    tokens.some((one) => isWord(one, 'view'))
  ) {
    throw new WarehouseError(
      `views over ${named.map(({ name }) => name).join(', ')} are not supported by this local warehouse`,
    );
  }
  const needs = (table: string) => named.some(({ view }) => view.from?.includes(table) === true);
  if (needs('rs_query')) await createRows(connection, 'rs_query', queryRows(records(), Date.now()));
  if (needs('rs_scan')) await createRows(connection, 'rs_scan', scanRows(records()));
  if (needs('rs_session')) await createRows(connection, 'rs_session', sessionRows(records()));
  if (needs('rs_table')) await createTableRows(connection);
  for (const { name, view } of named) await connection.run(createViewSql(name, view));
}

async function createRows(
  connection: DuckDBConnection,
  table: keyof typeof rowTypes,
  rows: readonly object[],
): Promise<void> {
  await connection.run(
    `create or replace temp table ${table} as
     select unnest(from_json($1, $2), recursive := true)`,
    [JSON.stringify(rows), JSON.stringify([rowTypes[table]])],
  );
}
