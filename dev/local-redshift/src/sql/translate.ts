/** Translates one DML or DDL statement from Redshift to DuckDB. */
import { Dialect, generate, parse, transpile } from '@polyglot-sql/sdk';
import { useOwnNames } from '../dialect/own-names.ts';
import { applyDialectFixes } from './dialect-fixes.ts';
import { joinUsingNames, restoreUsingNames, splitUsingNames } from './using-clause.ts';
import {
  resolveExternalTables,
  type ExternalScan,
  type FindExternalTable,
} from '../external/external-references.ts';
import { nameResultColumns } from '../api/result-names.ts';
import { quoteLiteral, render, type Token } from './sql-tokens.ts';
import type { Json } from './syntax-tree.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface Translation {
  readonly sql: string;
  /** The fallback without Redshift's types, if DuckDB cannot determine the type of an aggregate's argument. */
  readonly untypedSql: string;
  /** The external tables whose views must be created first. */
  readonly scans: readonly ExternalScan[];
}

/** @throws WarehouseError with the position if the statement cannot be parsed. */
export function translate(tokens: readonly Token[], find: FindExternalTable): Translation {
  const literals = new Literals();
  const text = render(joinUsingNames(useOwnNames(tokens)), (value) => literals.hide(value));
  const parsed = parse(text, Dialect.Redshift);
  if (!parsed.success) throw syntaxError(parsed.error);
  const [first, ...others] = parsed.ast as Json[];
  if (first === undefined) throw new WarehouseError('the statement is empty');
  if (others.length > 0) {
    throw new WarehouseError('cannot insert multiple commands into a prepared statement');
  }
  const { statement, scans } = resolveExternalTables(
    nameResultColumns(splitUsingNames(first, find)),
    find,
  );
  // Generate Redshift SQL first: the translator handles the fixes only if it parses them.
  const fixed = one(generate([applyDialectFixes(statement)], Dialect.Redshift));
  const sql = restoreMarkers(
    restoreUsingNames(one(transpile(fixed, Dialect.Redshift, Dialect.DuckDB))),
  );
  return {
    sql: literals.restore(sql),
    untypedSql: literals.restore(
      sql
        .replaceAll(/\bRS_(SUM|AVG)\(/gi, '$1(')
        .replaceAll(/\bRS_WINDOW_(?:SUM|AVG)\(/gi, 'RS_UNTYPED('),
    ),
    scans,
  };
}

/** What the translator would rewrite or drop: TRY of a cast, and QUALIFY. */
function restoreMarkers(sql: string): string {
  return sql
    .replaceAll('CAST(RS_TRY(', 'TRY_CAST((')
    .replaceAll(/\b(?:HAVING|AND) RS_QUALIFY\(/g, 'QUALIFY (');
}

function one(result: { success: boolean; sql?: string[]; error?: string }): string {
  const sql = result.sql?.[0];
  if (!result.success || sql === undefined) throw syntaxError(result.error);
  return sql;
}

function syntaxError(error: string | undefined): WarehouseError {
  const near = /got \w+ \('(.*?)'\)/.exec(error ?? '')?.[1];
  return new WarehouseError(
    near === undefined
      ? `syntax error: ${error ?? 'unknown'}`
      : `syntax error at or near "${near}"`,
  );
}

/**
 * Hides literals with a quote or a backslash from the translator, whose Redshift generator escapes
 * quotes in a way that its parser does not understand.
 */
class Literals {
  readonly #values: string[] = [];

  hide(value: string): string {
    if (!/['\\]|rs-literal-/.test(value)) return quoteLiteral(value);
    this.#values.push(value);
    const kind = value.includes('\\') ? 'backslash' : 'quote';
    return `'rs-literal-${this.#values.length - 1}-${kind}'`;
  }

  restore(sql: string): string {
    return sql.replaceAll(/'rs-literal-(\d+)-\w+'/g, (_, index: string) =>
      quoteLiteral(this.#values[Number(index)] ?? ''),
    );
  }
}
