/** The statement operations of the Redshift Data API. */
import { randomUUID } from 'node:crypto';
import {
  ServiceError,
  type Operation,
  type OperationContext,
} from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { checkParameters } from './parameters.ts';
import {
  batchRequest,
  checkTarget,
  executeRequest,
  idRequest,
  listRequest,
  readRequest,
  type Execution,
} from './requests.ts';
import { SqlTextError, tokenize } from '../sql/sql-tokens.ts';
import { described, describedPart, listed, submitted } from './statement-replies.ts';
import {
  recordLifetime,
  type PartRecord,
  type StatementRecord,
} from '../statements/statement-record.ts';
import type { StatementRunner } from '../statements/statement-runner.ts';
import type { StatementStore } from '../statements/statement-store.ts';

export interface StatementApiDependencies {
  readonly workgroup: string;
  readonly store: StatementStore;
  readonly runner: StatementRunner;
}

export function statementOperations(
  dependencies: StatementApiDependencies,
): Record<string, Operation> {
  const { store, runner } = dependencies;
  /** Serializes submissions: of two concurrent requests with the same token, only one may create a statement. */
  let arriving: Promise<unknown> = Promise.resolve();
  let queryId = store.lastQueryId();

  const submit = async (
    request: Execution,
    sqls: readonly string[],
    batch: boolean,
    executionMode: StatementRecord['executionMode'],
    { signal, fault }: OperationContext,
  ) => {
    const target = checkTarget(request, dependencies.workgroup);
    if (request.Database === undefined) {
      throw new ServiceError(
        'ValidationException',
        'Database is required: sessions are not supported',
      );
    }
    checkParameters(request.Parameters ?? [], sqls.map(readable));
    const now = Date.now();
    const known =
      request.ClientToken === undefined ? undefined : store.byToken(request.ClientToken, now);
    const record = known ?? {
      id: randomUUID(),
      batch,
      executionMode,
      parts: sqls.map((sql): PartRecord => ({
        sql,
        status: 'SUBMITTED',
        createdAt: now,
        updatedAt: now,
        duration: 0,
        resultRows: -1,
        resultSize: -1,
        queryId: (queryId += 1),
      })),
      parameters: request.Parameters ?? [],
      database: request.Database,
      resultFormat: request.ResultFormat,
      target,
      pid: process.pid,
      createdAt: now,
      updatedAt: now,
      status: 'SUBMITTED',
      ...(request.StatementName !== undefined && { statementName: request.StatementName }),
      ...(request.ClientToken !== undefined && { clientToken: request.ClientToken }),
    };
    if (known === undefined) {
      // Saved before the reply: a caller whose reply is lost finds the statement by its token.
      await store.add(record);
      runner.submit(record, fault);
    }
    return { record, wait: () => runner.wait(record, seconds(request.WaitTimeSeconds), signal) };
  };

  const inTurn = async (work: () => ReturnType<typeof submit>): Promise<unknown> => {
    const mine = arriving.then(work);
    arriving = mine.catch(() => undefined);
    const { record, wait } = await mine;
    await wait();
    return submitted(record);
  };

  const find = (id: string): { record: StatementRecord; index: number | undefined } => {
    const [whole = '', suffix] = id.split(':');
    const record = store.get(whole);
    const index = suffix === undefined ? undefined : Number(suffix) - 1;
    const gone = record === undefined || record.createdAt < Date.now() - recordLifetime;
    if (gone || (index !== undefined && (!record.batch || record.parts[index] === undefined))) {
      throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', {
        ResourceId: id,
      });
    }
    return { record, index };
  };

  return {
    ExecuteStatement: (input, context) => {
      const request = readRequest(executeRequest, input);
      return inTurn(() => submit(request, [request.Sql], false, 'TRANSACTION', context));
    },
    BatchExecuteStatement: (input, context) => {
      const request = readRequest(batchRequest, input);
      return inTurn(() => submit(request, request.Sqls, true, request.ExecutionMode, context));
    },
    DescribeStatement: async (input, { signal }) => {
      const request = readRequest(idRequest, input);
      const { record, index } = find(request.Id);
      await runner.wait(record, seconds(request.WaitTimeSeconds), signal);
      const part = index === undefined ? undefined : record.parts[index];
      return part === undefined || index === undefined
        ? described(record)
        : { ...describedPart(record, part, index), Database: record.database, ...record.target };
    },
    CancelStatement: async (input) => {
      const { record } = find(readRequest(idRequest, input).Id);
      if (await runner.cancel(record)) return { Status: true };
      throw new ServiceError(
        'ValidationException',
        `Could not cancel a query that is already in ${record.status} state with ID: ${record.id}`,
      );
    },
    ListStatements: (input) => {
      const request = readRequest(listRequest, input);
      if ((request.WorkgroupName ?? request.ClusterIdentifier) !== undefined) {
        checkTarget(request, dependencies.workgroup);
      }
      const matching = store
        .list()
        .filter((record) => record.createdAt >= Date.now() - recordLifetime)
        .filter((record) => request.Status === 'ALL' || record.status === request.Status)
        .filter((record) => request.Database === undefined || record.database === request.Database)
        .filter(
          (record) =>
            request.StatementName === undefined ||
            (record.statementName ?? '').startsWith(request.StatementName),
        );
      const start =
        request.NextToken === undefined
          ? 0
          : matching.findIndex((record) => record.id === request.NextToken);
      if (start === -1)
        throw new ServiceError('ValidationException', 'NextToken was not issued by this API');
      const size =
        request.MaxResults === undefined || request.MaxResults === 0 ? 100 : request.MaxResults;
      const next = matching[start + size];
      return {
        Statements: matching.slice(start, start + size).map(listed),
        ...(next !== undefined && { NextToken: next.id }),
      };
    },
  };
}

function seconds(wait: number | undefined): number {
  return (wait ?? 0) * 1000;
}

/** Text that is not valid SQL is accepted here and fails when it runs, as in the service. */
function readable(sql: string) {
  try {
    return tokenize(sql);
  } catch (error) {
    if (error instanceof SqlTextError) return [];
    throw error;
  }
}
