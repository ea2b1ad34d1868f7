import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { recordLifetime, type StatementRecord } from './statement-record.ts';
import { StatementStore } from './statement-store.ts';

const now = Date.now();

const record = (createdAt: number, ...queryIds: number[]): StatementRecord => ({
  id: `statement-${createdAt}`,
  batch: true,
  executionMode: 'TRANSACTION',
  parts: queryIds.map((queryId) => ({
    sql: 'select 1',
    status: 'FINISHED',
    createdAt,
    updatedAt: createdAt,
    duration: 0,
    resultRows: 1,
    resultSize: 1,
    queryId,
  })),
  parameters: [],
  database: 'dev',
  resultFormat: 'JSON',
  target: {},
  pid: 1,
  createdAt,
  updatedAt: createdAt,
  status: 'FINISHED',
});

it('gives no identifier of a query twice after old statements were deleted', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('create schema warehouse');
  await connection.run('create table warehouse.statement (id varchar, record varchar)');
  const first = await StatementStore.open(connection, now);
  expect(first.lastQueryId()).toBe(1000);
  await first.add(record(now - recordLifetime - 1, 1001, 1002));
  await first.add(record(now - 1, 1003, 1004));
  const second = await StatementStore.open(connection, now);
  expect(second.list()).toHaveLength(1);
  expect(second.lastQueryId()).toBe(1004);
  connection.closeSync();
});
