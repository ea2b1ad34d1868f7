/** The queries of a day's last load, from rows of sql/warehouse/report/queries_of_day.sql; pure. */
import { changedDays, changesOneOf } from '@user-behaviour/redshift-load/data-api/names';
import type { Row } from '@user-behaviour/redshift-load/data-api/result';
import { type Ds, daysFrom, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';

/** What a query read of one external table. */
export interface Scan {
  /** Without its database. */
  readonly table: string;
  readonly files: number;
  /** Those that the table has, and those that the query read. */
  readonly partitions: number;
  readonly partitionsRead: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface LoadQuery {
  readonly queryId: number;
  /** As in SYS_QUERY_HISTORY, e.g. `INSERT`. */
  readonly type: string;
  readonly status: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly queueSeconds: number;
  readonly runSeconds: number;
  /** Returned to the client. */
  readonly returnedRows: number;
  /** The beginning of its text, in one line. */
  readonly text: string;
  readonly scans: readonly Scan[];
}

export interface LoadQueries {
  readonly ds: Ds;
  /**
   * The label of the queries: the name of the statement, `redshift-load/ds/run/load-round`, or
   * `redshift-load/days/first..last/run/load-round` for a set of days.
   */
  readonly label: string;
  /** How many loads of the day are in the query history. */
  readonly loads: number;
  readonly queueSeconds: number;
  readonly runSeconds: number;
  /** In the order in which they ran. */
  readonly queries: readonly LoadQuery[];
}

/** The labels of the loads of the day, and of all sets, as patterns. */
export const labelsOfLoads = (ds: Ds): Readonly<Record<'label' | 'label_of_sets', string>> => ({
  label: `redshift-load/${ds}/%/load-%`,
  label_of_sets: 'redshift-load/days/%/load-%',
});

/**
 * A set counts if the day is between its first and its last day.
 * @throws a data failure if the query history has no load of the day.
 */
export function lastLoad(ds: Ds, found: readonly Row[]): LoadQueries {
  const rows = found.filter((row) => changesOneOf([{ ds }], row['label'] ?? ''));
  const label = rows.at(-1)?.['label'];
  if (label === undefined) {
    throw new Failure('data', `the query history has no load of ${ds}`, {
      action:
        'it keeps seven days, and shows the queries of other users only with the role sys:monitor; load the day again, or ask as the user of redshift-load',
    });
  }
  const own = Map.groupBy(
    rows.filter((row) => row['label'] === label),
    (row) => row['query_id'],
  );
  const queries = [...own.values()].map(queryOf);
  return {
    ds,
    label,
    loads: new Set(rows.map((row) => row['label'])).size,
    queueSeconds: sum(queries.map(({ queueSeconds }) => queueSeconds)),
    runSeconds: sum(queries.map(({ runSeconds }) => runSeconds)),
    queries,
  };
}

const number = (row: Row | undefined, column: string): number => Number(row?.[column] ?? 0);
const seconds = (row: Row | undefined, column: string): number =>
  Math.round(number(row, column) / 1e3) / 1e3;
const sum = (all: readonly number[]): number =>
  Math.round(all.reduce((total, one) => total + one, 0) * 1e3) / 1e3;

function queryOf(rows: readonly Row[]): LoadQuery {
  const [row] = rows;
  return {
    queryId: number(row, 'query_id'),
    type: row?.['query_type'] ?? '',
    status: row?.['status'] ?? '',
    startedAt: new Date(`${(row?.['start_time'] ?? '').replace(' ', 'T')}Z`).toISOString(),
    queueSeconds: seconds(row, 'queue_time'),
    runSeconds: seconds(row, 'execution_time'),
    returnedRows: number(row, 'returned_rows'),
    text: (row?.['query_text'] ?? '').replace(/\s+/g, ' ').trim(),
    scans: rows.flatMap((one) => {
      const table = one['table_name'];
      return table === undefined ? [] : [scanOf(table, one)];
    }),
  };
}

const scanOf = (table: string, row: Row): Scan => ({
  table: table.split('.').slice(-2).join('.'),
  files: number(row, 'scanned_files'),
  partitions: number(row, 'total_partitions'),
  partitionsRead: number(row, 'qualified_partitions'),
  rows: number(row, 'rows_from_s3'),
  bytes: number(row, 'bytes_from_s3'),
});

/**
 * A load reads one partition of each table for each of its days, whatever the history. A set may lack days between its
 * first and its last.
 * @throws a data failure that names the scans that read another number.
 */
export function requirePruned({ ds, label, queries }: LoadQueries): void {
  const [first = ds, last = ds] = changedDays(label) ?? [];
  const most = isDs(first) && isDs(last) ? daysFrom(first, last).length : 1;
  const wrong = queries.flatMap(({ queryId, scans }) =>
    scans
      .filter(({ partitionsRead }) => partitionsRead < 1 || partitionsRead > most)
      .map(
        ({ table, partitions, partitionsRead }) =>
          `query ${String(queryId)} read ${String(partitionsRead)} of ${String(partitions)} partitions of ${table}`,
      ),
  );
  if (wrong.length === 0) return;
  throw new Failure(
    'data',
    `the load of ${ds} did not read ${most === 1 ? 'one partition' : `1 to ${String(most)} partitions`}: ${wrong.join('; ')}`,
    {
      action:
        'see whether the partition exists (make show), and whether the condition on insert_date still prunes: sql/warehouse/load/021_fill_purchase_day.sql, or 022_fill_purchase_day_of_parquet.sql',
    },
  );
}
