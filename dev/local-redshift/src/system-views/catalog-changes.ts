/** Refuses statements that would change or hide the system tables and views: a superuser of Redshift cannot do it either. */
import { sessionViews } from './session-views.ts';
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { catalogViews } from '../warehouse/catalog-views.ts';
import { systemViews } from '../warehouse/system-views.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const views: ReadonlySet<string> = new Set([
  ...Object.keys(sessionViews),
  ...[...catalogViews, ...systemViews].flatMap((sql) => /view main\.(\w+)/.exec(sql)?.[1] ?? []),
]);

const verbs = ['create', 'alter', 'drop', 'insert', 'update', 'delete', 'merge', 'truncate'];

/** Words between the verb and the name. */
const fillers =
  'or replace local temp temporary external recursive materialized table view if not exists into from only'.split(
    ' ',
  );

/** @throws WarehouseError for a system table, view or schema that the statement creates, changes or drops. */
export function refuseCatalogChanges(tokens: readonly Token[]): void {
  if (isWord(tokens[0], 'create') && isWord(tokens[1], 'schema')) refuseSchema(tokens);
  for (const [at, token] of tokens.entries()) {
    const names =
      (at === 0 && isWord(token, ...verbs)) ||
      isWord(token, 'into') ||
      (isWord(token, 'to') && isWord(tokens[at - 1], 'rename'));
    if (names) refuseNames(tokens, at + 1);
  }
}

/** The prefix is reserved, even for a superuser (PostgreSQL, CREATE SCHEMA). */
function refuseSchema(tokens: readonly Token[]): void {
  const name = nameOf(tokens[isWord(tokens[2], 'if') ? 5 : 2]);
  if (name === 'information_schema') {
    throw new WarehouseError(`schema "${name}" already exists`);
  }
  if (name?.startsWith('pg_') === true) {
    throw new WarehouseError(
      `unacceptable schema name "${name}"`,
      'The prefix "pg_" is reserved for system schemas.',
    );
  }
}

/** The names from `at`, with commas between them. */
function refuseNames(tokens: readonly Token[], at: number): void {
  let start = at;
  while (isWord(tokens[start], ...fillers)) start += 1;
  const qualified = isSymbol(tokens[start + 1], '.');
  const [first, second] = [tokens[start], tokens[start + 2]].map(nameOf);
  const inCatalog = qualified && (first === 'pg_catalog' || first === 'information_schema');
  const name = inCatalog ? second : qualified ? undefined : first;
  if (name !== undefined && (inCatalog || views.has(name))) {
    throw new WarehouseError(`permission denied: "${name}" is a system catalog`);
  }
  let end = start + 1;
  while (isSymbol(tokens[end], '.')) end += 2;
  if (isSymbol(tokens[end], ',')) refuseNames(tokens, end + 1);
}

function nameOf(token: Token | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'quoted' ? token.text.toLowerCase() : undefined;
}
