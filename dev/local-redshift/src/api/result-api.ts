/** GetStatementResult, and GetStatementResultV2 for CSV. */
import { ServiceError, type Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { idRequest, readRequest } from './requests.ts';
import { toCsv } from './result-fields.ts';
import type { ResultPage, ResultStore } from '../statements/result-store.ts';
import {
  hasResultSet,
  type PartRecord,
  type StatementRecord,
} from '../statements/statement-record.ts';
import type { StatementRunner } from '../statements/statement-runner.ts';
import type { StatementStore } from '../statements/statement-store.ts';

export interface ResultApiDependencies {
  readonly store: StatementStore;
  readonly results: ResultStore;
  readonly runner: StatementRunner;
}

export function resultOperations(dependencies: ResultApiDependencies): Record<string, Operation> {
  const read = async (
    input: Record<string, unknown>,
    format: StatementRecord['resultFormat'],
    signal: AbortSignal,
  ): Promise<{ part: PartRecord; page: ResultPage }> => {
    const request = readRequest(idRequest, input);
    const [id = '', suffix] = request.Id.split(':');
    const record = dependencies.store.get(id);
    if (record === undefined) throw missing(request.Id, 'Query does not exist.');
    await dependencies.runner.wait(record, (request.WaitTimeSeconds ?? 0) * 1000, signal);
    // Only the statements of a batch have results, not the batch itself.
    const index = suffix === undefined && !record.batch ? 0 : Number(suffix ?? 0) - 1;
    const part = record.parts[index];
    if (part?.columns === undefined || !hasResultSet(record, part)) {
      throw missing(
        request.Id,
        'Query does not have result. Please check query status with DescribeStatement.',
      );
    }
    if (record.resultFormat !== format) {
      throw new ServiceError(
        'ValidationException',
        `The statement's ResultFormat is ${record.resultFormat}: use ${format === 'CSV' ? 'GetStatementResult' : 'GetStatementResultV2'}`,
      );
    }
    const page = await dependencies.results.page(`${id}:${index + 1}`, request.NextToken);
    return { part, page };
  };
  return {
    GetStatementResult: async (input, { signal }) => {
      const { part, page } = await read(input, 'JSON', signal);
      return { Records: page.records, ...common(part, page) };
    },
    GetStatementResultV2: async (input, { signal }) => {
      const { part, page } = await read(input, 'CSV', signal);
      const text = page.records.map((row) => `${row.map(toCsv).join(',')}\n`).join('');
      return { Records: [{ CSVRecords: text }], ResultFormat: 'CSV', ...common(part, page) };
    },
  };
}

function common(part: PartRecord, page: ResultPage): Record<string, unknown> {
  return {
    ColumnMetadata: part.columns,
    TotalNumRows: part.resultRows,
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

function missing(id: string, message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, { ResourceId: id });
}
