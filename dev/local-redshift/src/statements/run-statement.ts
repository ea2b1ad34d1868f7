/** Runs one SQL text on a connection and stores its result. */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { isAmbiguousAggregate } from '../warehouse/duckdb-errors.ts';
import { createExternalView, type SpectrumSource } from '../external/external-view.ts';
import { bindParameters, type SqlParameter } from '../api/parameters.ts';
import { columnMetadata, toField, type ColumnMetadata } from '../api/result-fields.ts';
import type { ResultStore } from './result-store.ts';
import { isSymbol, isWord, SqlTextError, tokenize, type Token } from '../sql/sql-tokens.ts';
import { planStatement, type StatementPlan } from './statement-plan.ts';
import { splitStatements } from '../sql/token-groups.ts';
import { rebuildTable } from '../warehouse/table-rebuild.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface PartContext {
  readonly connection: DuckDBConnection;
  readonly source: SpectrumSource;
  readonly results: ResultStore;
  readonly parameters: readonly SqlParameter[];
  /** Whether this is one statement of a TRANSACTION batch. */
  readonly inTransaction: boolean;
  readonly signal: AbortSignal;
}

export interface PartOutcome {
  /** Rows returned or changed. */
  readonly rows: number;
  readonly bytes: number;
  /** Only a query has columns. */
  readonly columns?: readonly ColumnMetadata[];
}

/** Runs the text and stores its result set as `resultId`. Rejects with DuckDB's error or a WarehouseError. */
export async function runPart(
  sql: string,
  resultId: string,
  context: PartContext,
): Promise<PartOutcome> {
  const plan = planStatement(
    readTokens(sql, context),
    context.source.catalog,
    context.inTransaction,
  );
  const { catalog } = context.source;
  switch (plan.kind) {
    case 'sql':
      return runSql(plan, resultId, context);
    case 'change-table':
      await rebuildTable(context.connection, plan.change);
      break;
    case 'external':
      await catalog.apply(context.connection, plan.statement);
      break;
    case 'drop-external-table':
      await catalog.dropTable(context.connection, plan.schema, plan.name);
      break;
    case 'drop-external-schema':
      await catalog.dropSchema(context.connection, plan.schema, plan.withDatabase);
      break;
    case 'lock':
      for (const table of plan.tables)
        await context.connection.run(`select 1 from ${table} limit 0`);
      break;
    case 'nothing':
  }
  return { rows: 0, bytes: 0 };
}

function readTokens(sql: string, context: PartContext) {
  try {
    const [statement, ...others] = splitStatements(tokenize(sql));
    if (statement === undefined) throw new WarehouseError('the statement is empty');
    if (others.length > 0) {
      throw new WarehouseError('cannot insert multiple commands into a prepared statement');
    }
    rejectParameters(statement);
    const bound = bindParameters(statement, context.parameters);
    const open = bound.find((token) => token.kind === 'parameter');
    if (open !== undefined)
      throw new WarehouseError(`there is no value for the parameter ":${open.text}"`);
    return bound;
  } catch (error) {
    if (error instanceof SqlTextError) throw new WarehouseError(error.message);
    throw error;
  }
}

/** Parameters require a prepared statement, and only these statements can be prepared (r_PREPARE). */
function rejectParameters(statement: readonly Token[]): void {
  const first = statement.find((token) => !isSymbol(token, '('));
  const parameter = statement.find((token) => token.kind === 'parameter');
  if (parameter === undefined) return;
  if (isWord(first, 'select', 'with', 'insert', 'update', 'delete')) return;
  throw new WarehouseError(
    'syntax error at or near "$1"',
    `:${parameter.text} is in a statement that cannot have parameters: only SELECT, INSERT, UPDATE and DELETE can`,
  );
}

async function runSql(
  plan: Extract<StatementPlan, { kind: 'sql' }>,
  resultId: string,
  context: PartContext,
): Promise<PartOutcome> {
  const { connection, source, signal } = context;
  for (const { name, start, step } of plan.sequences) {
    await connection.run(`create or replace sequence ${name} start ${start} increment ${step}`);
  }
  for (const scan of plan.translation.scans) {
    await createExternalView(connection, scan, source, signal);
  }
  signal.throwIfAborted();
  const result = await stream(plan, connection);
  if (plan.query) return storeResult(result, resultId, context.results);
  const rows = await rowsChanged(result);
  for (const statement of plan.after ?? []) await connection.run(statement);
  if (plan.change !== undefined) await rebuildTable(connection, plan.change);
  return { rows, bytes: 0 };
}

async function stream(
  plan: Extract<StatementPlan, { kind: 'sql' }>,
  connection: DuckDBConnection,
): Promise<DuckDBResult> {
  try {
    return await connection.stream(plan.translation.sql);
  } catch (error) {
    if (!isAmbiguousAggregate(error)) throw error;
    return connection.stream(plan.translation.untypedSql);
  }
}

async function storeResult(
  result: DuckDBResult,
  id: string,
  results: ResultStore,
): Promise<PartOutcome> {
  const types = result.columnTypes();
  const names = result.columnNames();
  const columns = types.map((type, index) => columnMetadata(names[index] ?? '', type));
  let rows = 0;
  const fields = async function* () {
    for await (const block of result.yieldRows()) {
      rows += block.length;
      yield block.map((row) => types.map((type, index) => toField(row[index] ?? null, type)));
    }
  };
  const bytes = await results.write(id, fields());
  return { rows, bytes, columns };
}

/** Reads the result to its end, so that all errors surface, and returns DuckDB's count. */
async function rowsChanged(result: DuckDBResult): Promise<number> {
  for await (const chunk of result) if (chunk.rowCount < 0) break;
  return result.rowsChanged;
}
