/** Notes on the record of a day which statements the warehouse ran for it. */
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { Notes } from '@user-behaviour/shared/runner/day-record';

/** A statement of the Data API; a batch is one. */
interface NotedStatement {
  readonly name: string;
  readonly id: string;
  /** Redshift's ids of the queries, in their order; absent if they are not known. */
  readonly queryIds?: readonly number[];
  /** Absent if it is not known. */
  readonly seconds?: number;
}

const noted = new WeakMap<Notes, ReadonlyMap<string, NotedStatement>>();

/** Adds the statement to the fact `statements`. A later description of the same id replaces the earlier one. */
export function noteStatement(
  record: Notes,
  name: string,
  described: DescribeStatementResponse,
): void {
  const one = describe(name, described);
  const all = new Map(noted.get(record)).set(one.id, one);
  noted.set(record, all);
  record.note({ statements: [...all.values()] });
}

function describe(
  name: string,
  { Id = '', SubStatements, RedshiftQueryId, Duration }: DescribeStatementResponse,
): NotedStatement {
  const queryIds = (SubStatements ?? [{ RedshiftQueryId }])
    .map((one) => one.RedshiftQueryId ?? 0)
    .filter((id) => id > 0);
  return {
    name,
    id: Id,
    ...(queryIds.length > 0 && { queryIds }),
    // Nanoseconds.
    ...(Duration !== undefined && { seconds: Math.round(Duration / 1e6) / 1e3 }),
  };
}
