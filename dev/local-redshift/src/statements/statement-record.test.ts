import { describe, expect, it } from 'vitest';
import {
  endUnfinished,
  moveTo,
  type PartRecord,
  type StatementRecord,
} from './statement-record.ts';

const part = (sql: string): PartRecord => ({
  sql,
  status: 'SUBMITTED',
  createdAt: 1,
  updatedAt: 1,
  duration: 0,
  resultRows: -1,
  resultSize: -1,
  queryId: 1,
});

const record = (): StatementRecord => ({
  id: 'id',
  batch: true,
  executionMode: 'TRANSACTION',
  parts: [part('a'), part('b'), part('c')],
  parameters: [],
  database: 'dev',
  resultFormat: 'JSON',
  target: {},
  pid: 1,
  createdAt: 1,
  status: 'SUBMITTED',
  updatedAt: 1,
});

describe('statement states', () => {
  it('change until a final state', () => {
    const statement = record();
    moveTo(statement, 'STARTED', 2);
    expect(statement).toMatchObject({ status: 'STARTED', updatedAt: 2 });
    moveTo(statement, 'FINISHED', 3);
    moveTo(statement, 'FAILED', 4, 'late');
    expect(statement).toMatchObject({ status: 'FINISHED', updatedAt: 3 });
    expect(statement.error).toBeUndefined();
  });

  it('of a failed batch show the failed part, and abort those after it', () => {
    const statement = record();
    const [first] = statement.parts;
    if (first !== undefined) moveTo(first, 'FINISHED', 2);
    endUnfinished(statement, 'FAILED', 3, 'ERROR: x');
    expect(statement.parts.map(({ status }) => status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(statement.parts.map(({ error }) => error)).toEqual([undefined, 'ERROR: x', undefined]);
    expect(statement).toMatchObject({ status: 'FAILED', error: 'ERROR: x' });
  });
});
