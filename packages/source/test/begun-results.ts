/** What PostgreSQL answers to the statements that begin a transaction. */
import type { QueryResult } from 'pg';

type Row = Readonly<Record<string, unknown>>;
type Result = QueryResult<Record<string, unknown>>;

/** The result of one statement: rows with the same columns. */
export const resultOf = (...rows: readonly Row[]): Result =>
  ({
    rows,
    fields: Object.keys(rows[0] ?? {}).map((name) => ({ name })),
  }) as unknown as Result;

/** The results of `beginTransaction`, with these settings as they were read back. */
export const begunResults = (
  ...settings: readonly { name: string; wanted: string; found: string | null }[]
): Result[] => [
  resultOf(),
  resultOf({ set_config: 'off' }),
  settings.length === 0
    ? resultOf({ name: 'row_security', wanted: 'off', found: 'off' })
    : resultOf(...settings),
  resultOf({ server: '1.5', pid: 7, began: '2010-12-02 00:00:00.000001', xmin: '731' }),
];
