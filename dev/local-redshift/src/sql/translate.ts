/** One DML or DDL statement of Redshift as DuckDB runs it. */
import { Dialect, generate, parse, transpile } from '@polyglot-sql/sdk';
import { correct } from './dialect-fixes.ts';
import { joinUsingNames, openSeams, splitUsingNames } from './using-clause.ts';
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
  /** To run if DuckDB cannot tell the type of an aggregate's argument: without the types of Redshift. */
  readonly untypedSql: string;
  /** The external tables to make readable before. */
  readonly scans: readonly ExternalScan[];
}

/** Throws a WarehouseError with the position when the statement cannot be read. */
export function translate(tokens: readonly Token[], find: FindExternalTable): Translation {
  const literals = new Literals();
  const text = render(joinUsingNames(tokens), (value) => literals.hide(value));
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
  // From Redshift to Redshift first: only then does the translator see what the corrections put in.
  const corrected = one(generate([correct(statement)], Dialect.Redshift));
  const sql = openSeams(one(transpile(corrected, Dialect.Redshift, Dialect.DuckDB)));
  return {
    sql: literals.restore(sql),
    untypedSql: literals.restore(sql.replaceAll(/\bRS_(SUM|AVG)\(/gi, '$1(')),
    scans,
  };
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
 * Keeps literals with a quote or a backslash away from the translator, whose Redshift writer escapes
 * quotes in a way that its own reader does not understand.
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
