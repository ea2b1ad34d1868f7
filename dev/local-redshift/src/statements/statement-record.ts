/** What is remembered of a statement or batch, and the states it goes through. */
import type { SqlParameter } from '../api/parameters.ts';
import type { ColumnMetadata } from '../api/result-fields.ts';

export type StatementStatus =
  'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

/** One SQL text of a statement; an ordinary statement has one, a batch up to 40. */
export interface PartRecord {
  readonly sql: string;
  status: StatementStatus;
  createdAt: number;
  updatedAt: number;
  /** Nanoseconds. */
  duration: number;
  error?: string;
  /** Rows returned or changed; -1 until known. */
  resultRows: number;
  /** Bytes. */
  resultSize: number;
  columns?: readonly ColumnMetadata[];
  readonly queryId: number;
}

export interface StatementRecord {
  readonly id: string;
  readonly batch: boolean;
  readonly executionMode: 'TRANSACTION' | 'AUTO_COMMIT';
  readonly parts: readonly PartRecord[];
  readonly parameters: readonly SqlParameter[];
  readonly database: string;
  readonly statementName?: string;
  readonly clientToken?: string;
  readonly resultFormat: 'JSON' | 'CSV';
  /** What the caller addressed: WorkgroupName, ClusterIdentifier, SecretArn, DbUser. */
  readonly target: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly createdAt: number;
  status: StatementStatus;
  updatedAt: number;
  error?: string;
}

/** After 24 hours results and records are gone, after 8 the client token may be used anew (A1: mgmt/data-api). */
export const recordLifetime = 24 * 3_600_000;
export const tokenLifetime = 8 * 3_600_000;

export function isOver(status: StatementStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

/** Whether the part returned rows that were committed; of a batch in one transaction all parts or none. */
export function hasResultSet(record: StatementRecord, part: PartRecord): boolean {
  const settled = record.executionMode === 'AUTO_COMMIT' ? part.status : record.status;
  return part.columns !== undefined && settled === 'FINISHED';
}

/** Moves a statement or part to a state; one that is over stays as it is. */
export function moveTo(
  record: { status: StatementStatus; updatedAt: number; error?: string },
  status: StatementStatus,
  now: number,
  error?: string,
): void {
  if (isOver(record.status)) return;
  record.status = status;
  record.updatedAt = now;
  if (error !== undefined) record.error = error;
}

/** Ends a statement that cannot go on: parts that did not get their turn are ABORTED. */
export function endUnfinished(
  record: StatementRecord,
  status: 'FAILED' | 'ABORTED',
  now: number,
  error: string,
): void {
  const running = record.parts.find((part) => !isOver(part.status));
  if (running !== undefined) moveTo(running, status, now, error);
  for (const part of record.parts) moveTo(part, 'ABORTED', now);
  moveTo(record, status, now, error);
}
