/** Converts statement records to replies of the Redshift Data API. Times are epoch seconds. */
import {
  hasResultSet,
  isOver,
  type PartRecord,
  type StatementRecord,
} from '../statements/statement-record.ts';

const seconds = (milliseconds: number): number => milliseconds / 1000;

/** The reply to ExecuteStatement and BatchExecuteStatement. */
export function submitted(record: StatementRecord): Record<string, unknown> {
  return {
    Id: record.id,
    CreatedAt: seconds(record.createdAt),
    Database: record.database,
    ...record.target,
    Status: record.status,
    RedshiftPid: record.pid,
    HasResultSet: record.parts.some((part) => hasResultSet(record, part)),
  };
}

/** The reply to DescribeStatement for a whole statement. */
export function described(record: StatementRecord): Record<string, unknown> {
  const [only] = record.parts;
  const queries = record.batch
    ? {
        SubStatements: record.parts.map((part, index) => describedPart(record, part, index)),
        ExecutionMode: record.executionMode,
      }
    : { QueryString: only?.sql ?? '' };
  return {
    Id: record.id,
    Database: record.database,
    ...record.target,
    Status: record.status,
    CreatedAt: seconds(record.createdAt),
    UpdatedAt: seconds(record.updatedAt),
    Duration: record.parts.reduce((sum, part) => sum + part.duration, 0),
    ...(record.error !== undefined && { Error: record.error }),
    HasResultSet: record.parts.some((part) => hasResultSet(record, part)),
    ResultRows: record.batch ? batchRows(record) : (only?.resultRows ?? -1),
    ResultSize: record.parts.reduce((sum, part) => sum + Math.max(0, part.resultSize), 0),
    RedshiftPid: record.pid,
    RedshiftQueryId: only?.queryId ?? 0,
    ResultFormat: record.resultFormat,
    ...(record.parameters.length > 0 && { QueryParameters: record.parameters }),
    ...queries,
  };
}

/** One statement of a batch; also the reply to DescribeStatement for `id:n`. */
export function describedPart(
  record: StatementRecord,
  part: PartRecord,
  index: number,
): Record<string, unknown> {
  return {
    Id: `${record.id}:${index + 1}`,
    Status: part.status,
    CreatedAt: seconds(part.createdAt),
    UpdatedAt: seconds(part.updatedAt),
    Duration: part.duration,
    ...(part.error !== undefined && { Error: part.error }),
    QueryString: part.sql,
    HasResultSet: hasResultSet(record, part),
    ResultRows: part.resultRows,
    ResultSize: part.resultSize,
    RedshiftQueryId: part.queryId,
  };
}

/** One item of ListStatements. */
export function listed(record: StatementRecord): Record<string, unknown> {
  return {
    Id: record.id,
    Status: record.status,
    CreatedAt: seconds(record.createdAt),
    UpdatedAt: seconds(record.updatedAt),
    IsBatchStatement: record.batch,
    ResultFormat: record.resultFormat,
    ...(record.statementName !== undefined && { StatementName: record.statementName }),
    ...(record.parameters.length > 0 && { QueryParameters: record.parameters }),
    ...(record.batch
      ? { QueryStrings: record.parts.map((part) => part.sql) }
      : { QueryString: record.parts[0]?.sql ?? '' }),
  };
}

function batchRows(record: StatementRecord): number {
  return isOver(record.status) ? (record.parts.at(-1)?.resultRows ?? -1) : -1;
}
