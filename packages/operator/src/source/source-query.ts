/** Queries the source in a transaction like that of the job that extracts it: with its settings, read only. */
import { type ExtractConfiguration, variables } from '@user-behaviour/extract-purchases/config';
import { validate } from '@user-behaviour/source/config';
import { connectionSettings } from '@user-behaviour/source/connection-settings';
import { attempt } from '@user-behaviour/source/errors';
import { beginTransaction, checkBegun } from '@user-behaviour/source/session';
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import { type Environment, readConfiguration } from '@user-behaviour/shared/runner/config';
import pg from 'pg';

export const sourceConfiguration = (environment: Environment): ExtractConfiguration =>
  readConfiguration(variables, environment, validate);

export interface SourceQuery {
  readonly sql: string;
  /** Values of `$1`, `$2`, … */
  readonly values?: readonly (string | number)[];
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
}

/**
 * Returns the result of one statement, with all values as text.
 * @throws a failure as extract-purchases classifies it; its cause is the error of node-postgres.
 */
export async function querySource(
  configuration: ExtractConfiguration,
  { sql, values = [], timeout }: SourceQuery,
): Promise<Table> {
  const client = new pg.Client({
    ...(await connectionSettings(configuration)),
    application_name: 'operator',
    connectionTimeoutMillis: 15_000,
  });
  // The running query reports a broken connection. An 'error' event without a listener ends the process.
  client.on('error', () => undefined);
  try {
    await attempt('connect to the source', () => client.connect());
    const query: pg.QueryArrayConfig & { readonly queryMode: 'extended' } = {
      text: sql,
      values: [...values],
      rowMode: 'array',
      // The extended protocol takes one statement only: none can follow one that ends the transaction.
      queryMode: 'extended',
      types: { getTypeParser: () => (text: unknown) => text },
    };
    const begun: unknown = await attempt('query the source', () =>
      client.query(beginTransaction(timeout)),
    );
    checkBegun(begun as pg.QueryResult<Record<string, unknown>>[]);
    const { fields, rows } = await attempt(
      'query the source',
      () => client.query<(string | null)[]>(query),
      sql,
    );
    return {
      columns: fields.map(({ name }) => name),
      types: fields.map(({ dataTypeID }) => typeNames.get(dataTypeID) ?? 'text'),
      rows: rows.map((row) => row.map((value) => value ?? undefined)),
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

const { BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC, TIMESTAMP } = pg.types.builtins;

/** The types that are not shown as any text. */
const typeNames: ReadonlyMap<number, string> = new Map<number, string>([
  [BOOL, 'bool'],
  [INT2, 'int2'],
  [INT4, 'int4'],
  [INT8, 'int8'],
  [FLOAT4, 'float4'],
  [FLOAT8, 'float8'],
  [NUMERIC, 'numeric'],
  [TIMESTAMP, 'timestamp'],
]);
