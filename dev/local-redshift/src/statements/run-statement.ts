/** Runs one SQL text on a connection and stores its result. */
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { isAmbiguousAggregate } from '../warehouse/duckdb-errors.ts';
import { createExternalView, type SpectrumSource } from '../external/external-view.ts';
import type { ScanRecord } from '../external/scan-record.ts';
import { bindParameters, type SqlParameter } from '../api/parameters.ts';
import { columnMetadata, toField, type ColumnMetadata } from '../api/result-fields.ts';
import type { ResultStore } from './result-store.ts';
import { isSymbol, isWord, SqlTextError, tokenize, type Token } from '../sql/sql-tokens.ts';
import { planStatement, type StatementPlan } from './statement-plan.ts';
import type { StatementRecord } from './statement-record.ts';
import { createSessionViews } from '../system-views/session-views.ts';
import { splitStatements } from '../sql/token-groups.ts';
import { rebuildTable } from '../warehouse/table-rebuild.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface RunContext {
  readonly connection: DuckDBConnection;
  readonly source: SpectrumSource;
  /** Whether this is one statement of a transaction: of a TRANSACTION batch, or of a session's. */
  readonly inTransaction: boolean;
  readonly onScan: (scan: ScanRecord) => void;
  /** The statements that the system views show. */
  readonly records: () => readonly StatementRecord[];
  readonly signal: AbortSignal;
}

export interface PartContext extends RunContext {
  readonly results: ResultStore;
  readonly parameters: readonly SqlParameter[];
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
  const plan = await planTokens(readTokens(sql, context), context);
  const done = await runPlan(plan, context, (translated) => context.connection.stream(translated));
  if (typeof done === 'number') return { rows: done, bytes: 0 };
  return storeResult(done, resultId, context.results);
}

/** Plans one statement, and makes the system views that it names. */
export async function planTokens(
  tokens: readonly Token[],
  { connection, source, inTransaction, records }: RunContext,
): Promise<StatementPlan> {
  await createSessionViews(connection, tokens, records);
  return planStatement(tokens, source.catalog, inTransaction);
}

/** Runs the plan; `execute` runs a statement of DuckDB. Returns a query's result, or the number of rows changed. */
export async function runPlan(
  plan: StatementPlan,
  context: RunContext,
  execute: Execute,
): Promise<DuckDBResult | number> {
  const { catalog } = context.source;
  switch (plan.kind) {
    case 'sql':
      return runSql(plan, context, execute);
    case 'change-column':
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
  return 0;
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
    const numbered = bound.find((token) => token.kind === 'placeholder');
    if (numbered !== undefined) throw new WarehouseError(`there is no parameter $${numbered.text}`);
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

type SqlPlan = Extract<StatementPlan, { kind: 'sql' }>;
type Execute = (sql: string) => Promise<DuckDBResult>;

async function runSql(
  plan: SqlPlan,
  context: RunContext,
  execute: Execute,
): Promise<DuckDBResult | number> {
  const { connection } = context;
  for (const { name, start, step } of plan.sequences) {
    await connection.run(`create or replace sequence ${name} start ${start} increment ${step}`);
  }
  await createViews(plan, context);
  const result = await withFallback(plan, execute);
  if (plan.query) return result;
  const rows = await rowsChanged(result);
  for (const statement of plan.after ?? []) await connection.run(statement);
  if (plan.change !== undefined) await rebuildTable(connection, plan.change);
  return rows;
}

/** Prepares a query without running it, e.g. to find its columns. */
export async function prepareQuery(
  plan: SqlPlan,
  context: RunContext,
): Promise<DuckDBPreparedStatement> {
  await createViews(plan, context);
  return withFallback(plan, (sql) => context.connection.prepare(sql));
}

async function createViews(plan: SqlPlan, context: RunContext): Promise<void> {
  for (const scan of plan.translation.scans) {
    context.onScan(
      await createExternalView(context.connection, scan, context.source, context.signal),
    );
  }
  context.signal.throwIfAborted();
}

async function withFallback<T>(
  { translation }: SqlPlan,
  execute: (sql: string) => Promise<T>,
): Promise<T> {
  try {
    return await execute(translation.sql);
  } catch (error) {
    if (isAmbiguousAggregate(error)) return execute(translation.untypedSql);
    // ALTER TABLE … RENAME is for views as well (r_ALTER_TABLE).
    const isView = error instanceof Error && error.message.includes('modify view with ALTER VIEW');
    if (!isView) throw error;
    return execute(translation.sql.replace(/^alter table/i, 'alter view'));
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
