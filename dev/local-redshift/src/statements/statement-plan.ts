/** Determines from a statement's first words what it does, and whether it may run in a transaction. */
import { refuseOtherStatements } from './supported-statements.ts';
import type { Catalog } from '../warehouse/catalog.ts';
import { rewriteAlterTable } from '../sql/alter-table.ts';
import { useCatalogViews } from '../sql/catalog-queries.ts';
import { refuseUnsupported } from '../dialect/refusals.ts';
import { showQuery } from '../dialect/show.ts';
import { isCreateTable, rewriteCreateTable, type Sequence } from '../sql/create-table.ts';
import {
  externalCommand,
  isExternalDdl,
  parseExternalDdl,
  type ExternalStatement,
} from '../external/external-ddl.ts';
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';
import { dropStatements, selectIntoAsCreate } from '../sql/table-statements.ts';
import { refuseCatalogChanges } from '../system-views/catalog-changes.ts';
import { TokenCursor } from '../sql/token-cursor.ts';
import type { Translation } from '../sql/translate.ts';
import type { ColumnChange } from '../warehouse/table-rebuild.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export type StatementPlan =
  /** Runs on DuckDB. A query has a result set, a command a number of rows. */
  | {
      readonly kind: 'sql';
      readonly query: boolean;
      readonly translation: Translation;
      readonly sequences: readonly Sequence[];
      /** Statements of DuckDB that follow it. */
      readonly after?: readonly string[];
      /** A change of the table that follows it. */
      readonly change?: ColumnChange;
    }
  | { readonly kind: 'change-column'; readonly change: ColumnChange }
  | { readonly kind: 'external'; readonly statement: ExternalStatement }
  | { readonly kind: 'drop-external-table'; readonly schema: string; readonly name: string }
  | {
      readonly kind: 'drop-external-schema';
      readonly schema: string;
      readonly withDatabase: boolean;
    }
  /** The tables must exist. Statements run one at a time, so the lock itself is always free. */
  | { readonly kind: 'lock'; readonly tables: readonly string[] }
  /** Accepted without effect on one machine. */
  | { readonly kind: 'nothing' };

/** @throws WarehouseError for statements that Redshift or this emulator does not support. */
export function planStatement(
  given: readonly Token[],
  catalog: Catalog,
  inTransaction: boolean,
): StatementPlan {
  refuseCatalogChanges(given);
  const tokens = isWord(given[0], 'alter', 'drop') ? given : useCatalogViews(given);
  refuseUnsupported(tokens);
  const outside = (command: string): void => {
    if (inTransaction) throw new WarehouseError(`${command} cannot run inside a transaction block`);
  };
  if (isExternalDdl(tokens)) {
    const statement = parseExternalDdl(tokens);
    outside(externalCommand(statement));
    return { kind: 'external', statement };
  }
  const dropped = externalDrop(tokens, catalog);
  if (dropped !== undefined) {
    outside(
      dropped.kind === 'drop-external-schema' ? 'DROP EXTERNAL SCHEMA' : 'DROP EXTERNAL TABLE',
    );
    return dropped;
  }
  const [first] = tokens;
  const command = first?.kind === 'word' ? first.text.toLowerCase() : '';
  switch (command) {
    case 'lock':
      return { kind: 'lock', tables: lockedTables(tokens) };
    case 'vacuum':
      outside('VACUUM');
      return { kind: 'nothing' };
    case 'truncate':
      // In Redshift it commits immediately, which would split the batch in two (c_serial_isolation).
      outside('TRUNCATE commits the transaction that it runs in, so it');
      return sqlPlan(tokens, catalog, false);
    case 'analyze':
    case 'grant':
    case 'revoke':
    case 'comment':
    case 'set':
    case 'reset':
      return { kind: 'nothing' };
    case 'begin':
    case 'start':
    case 'commit':
    case 'end':
    case 'rollback':
    case 'abort':
      throw new WarehouseError(
        `${command.toUpperCase()} is not supported by the Data API: use BatchExecuteStatement for a transaction`,
      );
    case 'show': {
      const sql = showQuery(tokens);
      const translation = { sql, untypedSql: sql, scans: [] };
      return { kind: 'sql', query: true, translation, sequences: [] };
    }
    case 'alter':
      refuseOtherStatements(tokens);
      return alterPlan(tokens, catalog, outside);
    case 'drop':
      refuseOtherStatements(tokens);
      return dropPlan(tokens, catalog);
    case 'explain':
      return explain(tokens.slice(isWord(tokens[1], 'verbose') ? 2 : 1), catalog);
    default:
      refuseOtherStatements(tokens);
      return sqlPlan(tokens, catalog, isQuery(tokens));
  }
}

function alterPlan(
  tokens: readonly Token[],
  catalog: Catalog,
  outside: (command: string) => void,
): StatementPlan {
  const altered = rewriteAlterTable(tokens);
  if (altered === undefined) return sqlPlan(tokens, catalog, false);
  const { change, standard } = altered;
  if (altered.outsideTransactions) outside('ALTER TABLE ALTER COLUMN');
  if (altered.tokens === undefined) {
    return change === undefined ? { kind: 'nothing' } : { kind: 'change-column', change };
  }
  const translation = catalog.templates.translate(altered.tokens, catalog.find);
  const after = standard && [catalog.templates.translate(standard, catalog.find).sql];
  return {
    kind: 'sql',
    query: false,
    translation,
    sequences: [],
    ...(after && { after }),
    ...(change && { change }),
  };
}

function dropPlan(tokens: readonly Token[], catalog: Catalog): StatementPlan {
  const [sql, ...after] = dropStatements(tokens) ?? [];
  if (sql === undefined) return sqlPlan(tokens, catalog, false);
  const translation = { sql, untypedSql: sql, scans: [] };
  return { kind: 'sql', query: false, translation, sequences: [], after };
}

function sqlPlan(tokens: readonly Token[], catalog: Catalog, query: boolean): StatementPlan {
  const selected = selectIntoAsCreate(tokens);
  if (selected !== undefined) return sqlPlan(selected, catalog, false);
  if (isCreateTable(tokens)) {
    const { tokens: rewritten, sequences } = rewriteCreateTable(tokens);
    return {
      kind: 'sql',
      query,
      translation: catalog.templates.translate(rewritten, catalog.find),
      sequences,
    };
  }
  const bindingAt = tokens.findIndex(
    (token, index) =>
      isWord(token, 'with') &&
      isWord(tokens[index + 1], 'no') &&
      isWord(tokens[index + 2], 'schema'),
  );
  // DuckDB's views are always late-binding.
  const plain = bindingAt === -1 ? tokens : tokens.slice(0, bindingAt);
  const translation = catalog.templates.translate(plain, catalog.find);
  if (isWord(tokens[0], 'create') && translation.scans.length > 0) {
    throw new WarehouseError(
      'views over external tables are not supported by this local warehouse',
    );
  }
  return { kind: 'sql', query, translation, sequences: [] };
}

function isQuery(tokens: readonly Token[]): boolean {
  const first = tokens.find((token) => !isSymbol(token, '('));
  if (!isWord(first, 'with')) return isWord(first, 'select', 'show');
  return !tokens.some((token) => isWord(token, 'insert', 'update', 'delete', 'merge'));
}

function explain(tokens: readonly Token[], catalog: Catalog): StatementPlan {
  refuseUnsupported(tokens);
  refuseOtherStatements(tokens);
  const translation = catalog.templates.translate(tokens, catalog.find);
  const prefixed = {
    sql: `explain ${translation.sql}`,
    untypedSql: `explain ${translation.untypedSql}`,
  };
  return { kind: 'sql', query: true, translation: { ...translation, ...prefixed }, sequences: [] };
}

function lockedTables(tokens: readonly Token[]): string[] {
  const cursor = new TokenCursor(tokens);
  cursor.expect('lock');
  cursor.accept('table');
  const tables: string[] = [];
  do {
    const first = cursor.name();
    tables.push(cursor.acceptSymbol('.') ? `"${first}"."${cursor.name()}"` : `"${first}"`);
  } while (cursor.acceptSymbol(','));
  cursor.end();
  return tables;
}

type ExternalDrop = Extract<
  StatementPlan,
  { kind: 'drop-external-table' | 'drop-external-schema' | 'nothing' }
>;

function externalDrop(tokens: readonly Token[], catalog: Catalog): ExternalDrop | undefined {
  const [drop, what] = tokens;
  if (!isWord(drop, 'drop') || !isWord(what, 'table', 'schema')) return undefined;
  const cursor = new TokenCursor(tokens.slice(2));
  const ifExists = cursor.accept('if', 'exists');
  const schema = cursor.name();
  if (!catalog.hasSchema(schema)) return undefined;
  if (isWord(what, 'schema')) {
    const withDatabase = cursor.accept('drop', 'external', 'database');
    return { kind: 'drop-external-schema', schema, withDatabase };
  }
  cursor.expectSymbol('.');
  const name = cursor.name();
  cursor.accept('cascade');
  cursor.end();
  try {
    catalog.find(schema, name);
  } catch (error) {
    if (ifExists) return { kind: 'nothing' };
    throw error;
  }
  return { kind: 'drop-external-table', schema, name };
}
