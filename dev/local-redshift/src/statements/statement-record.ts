/** The record of a statement or batch, and its states. */
import type { SqlParameter } from '../api/parameters.ts';
import type { ColumnMetadata } from '../api/result-fields.ts';
import type { ScanRecord } from '../external/scan-record.ts';

export type StatementStatus =
  'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

/** One SQL text of a statement: a single statement has one, a batch up to 40. */
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
  /** The external tables that it has read. */
  scans?: readonly ScanRecord[];
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
  /** The caller's WorkgroupName, ClusterIdentifier, SecretArn and DbUser. */
  readonly target: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly createdAt: number;
  status: StatementStatus;
  updatedAt: number;
  error?: string;
}

/** Results and records are deleted after 24 hours; a client token can be reused after 8 (mgmt/data-api). */
export const recordLifetime = 24 * 3_600_000;
export const tokenLifetime = 8 * 3_600_000;

export function isOver(status: StatementStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

/** Whether the part has returned rows and was committed. A batch in one transaction commits all parts or none. */
export function hasResultSet(record: StatementRecord, part: PartRecord): boolean {
  const status = record.executionMode === 'AUTO_COMMIT' ? part.status : record.status;
  return part.columns !== undefined && status === 'FINISHED';
}

/** Sets the state of a statement or part, unless it has ended. */
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

/** Ends a statement that cannot continue: parts that have not run are ABORTED. */
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
