/** Runs one statement in the warehouse, through the client of the job that loads it. */
import { DataApi } from '@user-behaviour/redshift-load/data-api/client';
import { StatementError, StatementTimeout } from '@user-behaviour/redshift-load/data-api/request';
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import type { Parameters, Statement } from '@user-behaviour/redshift-load/data-api/sql';
import { Failure } from '@user-behaviour/shared/failure';
import type { OperatorConfiguration } from '../config.ts';
import { requireLocalCloud } from '../world/world.ts';

/** Milliseconds. An operator waits no longer for a result, whatever a job allows its statements. */
const timeout = 600_000;

/** The client of the job that loads it. A stop ends the statement that is running. */
export const warehouseOf = (
  configuration: OperatorConfiguration,
  signal: AbortSignal = new AbortController().signal,
): DataApi => new DataApi({ ...configuration, REDSHIFT_STATEMENT_TIMEOUT: timeout }, signal);

/** @throws a failure with the text of Redshift when the statement fails, and a transient one at the limit. */
export async function queryWarehouse(
  configuration: OperatorConfiguration,
  statement: Statement,
  parameters: Parameters = {},
): Promise<Table> {
  await requireLocalCloud(configuration);
  using api = warehouseOf(configuration);
  try {
    return await api.table({
      name: 'operator/query',
      statements: [statement],
      parameters,
      reads: true,
    });
  } catch (error) {
    throw queryFailure(error);
  }
}

/** The job's advice about a statement is of no use to an operator. */
export function queryFailure(error: unknown): unknown {
  if (error instanceof StatementTimeout) {
    return new Failure('transient', error.message, {
      cause: error,
      action:
        "simplify the query, or run it in the warehouse's query editor, which has no such limit",
    });
  }
  if (!(error instanceof StatementError)) return error;
  const { kind, message, action } = error;
  return new Failure(kind, message, {
    cause: error,
    action: kind === 'data' ? 'correct the statement' : action,
  });
}
