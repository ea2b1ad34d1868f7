/** The rows that the views of statements, scans and sessions are made from. */
import { warehouseUser } from '@user-behaviour/local-cloud/environment';
import type {
  PartRecord,
  StatementRecord,
  StatementStatus,
} from '../statements/statement-record.ts';
import { labelAfter, noLabel } from './query-label.ts';

/** Columns of the session's tables, with their types in DuckDB. */
export const rowTypes = {
  rs_query: {
    query_id: 'bigint',
    label: 'varchar',
    transaction_id: 'bigint',
    session_id: 'integer',
    user_name: 'varchar',
    database_name: 'varchar',
    query_type: 'varchar',
    status: 'varchar',
    submit_time: 'timestamp',
    start_time: 'timestamp',
    end_time: 'timestamp',
    elapsed: 'bigint',
    error: 'varchar',
    returns: 'boolean',
    rows: 'bigint',
    bytes: 'bigint',
    query_text: 'varchar',
  },
  rs_scan: {
    query_id: 'bigint',
    segment: 'integer',
    schema: 'varchar',
    table: 'varchar',
    location: 'varchar',
    format: 'varchar',
    partitioned: 'boolean',
    start_time: 'timestamp',
    end_time: 'timestamp',
    listMilliseconds: 'bigint',
    totalPartitions: 'integer',
    qualifiedPartitions: 'integer',
    files: 'bigint',
    rows: 'bigint',
    bytes: 'bigint',
    warning: 'varchar',
  },
  rs_session: {
    session_id: 'integer',
    user_name: 'varchar',
    database_name: 'varchar',
    active: 'boolean',
    start_time: 'timestamp',
    end_time: 'timestamp',
  },
} as const;

type Rows<Table extends keyof typeof rowTypes> = readonly Readonly<
  Record<keyof (typeof rowTypes)[Table], string | number | boolean | null>
>[];

export function queryRows(records: readonly StatementRecord[], now: number): Rows<'rs_query'> {
  return records.flatMap((record) => {
    let nextLabel = noLabel;
    return record.parts.map((part, index) => {
      const { start, end } = timesOf(part);
      const label = nextLabel;
      nextLabel = labelAfter(part.sql, label);
      return {
        query_id: part.queryId,
        label,
        transaction_id:
          record.executionMode === 'TRANSACTION' ? (record.parts[0]?.queryId ?? 0) : part.queryId,
        session_id: record.pid,
        user_name: userOf(record),
        database_name: record.database,
        query_type: queryType(part.sql),
        status: statuses[part.status],
        // A session sends a statement when the one before it has ended.
        submit_time: time(
          Math.min(record.parts[index - 1]?.updatedAt ?? part.createdAt, start ?? Infinity),
        ),
        start_time: time(start),
        end_time: time(end),
        elapsed:
          end === undefined && start !== undefined
            ? (now - start) * 1000
            : Math.round(part.duration / 1000),
        error: part.error ?? null,
        returns: part.columns !== undefined,
        rows: Math.max(0, part.resultRows),
        bytes: Math.max(0, part.resultSize),
        query_text: part.sql,
      };
    });
  });
}

export function scanRows(records: readonly StatementRecord[]): Rows<'rs_scan'> {
  return records.flatMap((record) =>
    record.parts.flatMap(({ queryId, scans = [] }) =>
      scans.map(({ startedAt, endedAt, warning = null, ...scan }, segment) => ({
        ...scan,
        query_id: queryId,
        segment,
        start_time: time(startedAt),
        end_time: time(endedAt),
        warning,
      })),
    ),
  );
}

/** Without sessions of the Data API, each statement or batch is one. */
export function sessionRows(records: readonly StatementRecord[]): Rows<'rs_session'> {
  return records.map((record) => {
    const active = ['queued', 'running'].includes(statuses[record.status]);
    return {
      session_id: record.pid,
      user_name: userOf(record),
      database_name: record.database,
      active,
      start_time: time(record.createdAt),
      end_time: active ? null : time(record.updatedAt),
    };
  });
}

const statuses: Readonly<Record<StatementStatus, string>> = {
  SUBMITTED: 'queued',
  PICKED: 'queued',
  STARTED: 'running',
  FINISHED: 'success',
  FAILED: 'failed',
  ABORTED: 'canceled',
};

/** Milliseconds since 1970; undefined for what has not happened. */
function timesOf(part: PartRecord): { start?: number; end?: number } {
  const { updatedAt, duration } = part;
  switch (statuses[part.status]) {
    case 'queued':
      return {};
    case 'running':
      return { start: updatedAt };
    default:
      return { start: updatedAt - Math.round(duration / 1_000_000), end: updatedAt };
  }
}

function time(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString().slice(0, -1);
}

function userOf({ target }: StatementRecord): string {
  return target['DbUser'] ?? warehouseUser;
}

const ddl = ['create', 'alter', 'drop', 'truncate', 'comment', 'grant', 'revoke'];
const own = ['select', 'insert', 'update', 'delete', 'copy', 'unload'];
const utility = ['lock', 'vacuum', 'analyze', 'set', 'reset', 'show', 'explain', 'begin', 'commit'];

/** The type of a statement in SYS_QUERY_HISTORY. */
export function queryType(sql: string): string {
  const text = sql.replace(/^(?:\s|\(|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/, '').toLowerCase();
  const word = /^\w*/.exec(text)?.[0] ?? '';
  if (/^create\s+(?:(?:local|temp|temporary)\s+)*table\s[^(]*\sas\s/.test(text)) return 'CTAS';
  if (word === 'with') return 'SELECT';
  if (own.includes(word)) return word.toUpperCase();
  if (ddl.includes(word)) return 'DDL';
  return utility.includes(word) ? 'UTILITY' : 'OTHER';
}
