import { describe, expect, it } from 'vitest';
import { queryRows, queryType, scanRows, sessionRows } from './statement-rows.ts';
import type { PartRecord, StatementRecord } from '../statements/statement-record.ts';

describe('queryType', () => {
  it.each([
    ['select 1', 'SELECT'],
    ['-- first\n/* and\nthen */ (Select 1)', 'SELECT'],
    ['with a as (select 1) select * from a', 'SELECT'],
    ['INSERT into t values (1)', 'INSERT'],
    ['update t set a = 1', 'UPDATE'],
    ['delete from t', 'DELETE'],
    ['create table t (a int)', 'DDL'],
    ['create table t (a int, as_of date)', 'DDL'],
    ['create temp table t as select 1', 'CTAS'],
    ['create view v as select 1', 'DDL'],
    ['alter table t add column b int', 'DDL'],
    ['lock t', 'UTILITY'],
    ['merge into t using s on t.a = s.a remove duplicates', 'OTHER'],
    ['', 'OTHER'],
  ])('%s: %s', (sql, type) => {
    expect(queryType(sql)).toBe(type);
  });
});

const at = Date.UTC(2010, 11, 1, 8, 26);
const part = (change: Partial<PartRecord>): PartRecord => ({
  sql: 'select 1',
  status: 'SUBMITTED',
  createdAt: at,
  updatedAt: at,
  duration: 0,
  resultRows: -1,
  resultSize: -1,
  queryId: 1001,
  ...change,
});
const record = (change: Partial<StatementRecord>): StatementRecord => ({
  id: 'a',
  batch: false,
  executionMode: 'TRANSACTION',
  parts: [part({})],
  parameters: [],
  database: 'dev',
  resultFormat: 'JSON',
  target: {},
  pid: 7,
  createdAt: at,
  updatedAt: at,
  status: 'SUBMITTED',
  ...change,
});

describe('queryRows', () => {
  it.each([
    [{}, { status: 'queued', start_time: null, end_time: null, elapsed: 0, rows: 0 }],
    [
      { status: 'STARTED', updatedAt: at + 1000 },
      {
        status: 'running',
        start_time: '2010-12-01T08:26:01.000',
        end_time: null,
        elapsed: 4_000_000,
      },
    ],
    [
      { status: 'FINISHED', updatedAt: at + 3000, duration: 2_000_000_000, resultRows: 4 },
      {
        status: 'success',
        start_time: '2010-12-01T08:26:01.000',
        end_time: '2010-12-01T08:26:03.000',
        elapsed: 2_000_000,
        rows: 4,
      },
    ],
    [
      { status: 'FAILED', error: 'ERROR: x' },
      { status: 'failed', error: 'ERROR: x' },
    ],
    [{ status: 'ABORTED' }, { status: 'canceled' }],
  ] as const)('%o: %o', (change, expected) => {
    const [row] = queryRows([record({ parts: [part(change)] })], at + 5000);
    expect(row).toMatchObject(expected);
  });

  it('gives one transaction to a batch, and one to each part in AUTO_COMMIT', () => {
    const parts = [part({ queryId: 1001 }), part({ queryId: 1002 })];
    const transactions = (executionMode: StatementRecord['executionMode']) =>
      queryRows([record({ parts, executionMode })], at).map((row) => row.transaction_id);
    expect(transactions('TRANSACTION')).toEqual([1001, 1001]);
    expect(transactions('AUTO_COMMIT')).toEqual([1001, 1002]);
  });

  it('labels the queries of a session with its query group', () => {
    const sqls = ["set query_group to 'mine'", 'select 1', 'reset query_group', 'select 2'];
    const rows = queryRows([record({ parts: sqls.map((sql) => part({ sql })) }), record({})], at);
    expect(rows.map(({ label }) => label)).toEqual([
      ...['default', 'mine', 'mine', 'default'],
      'default',
    ]);
  });

  it('lets a part of a batch wait from the end of the part before it', () => {
    const ended = { status: 'FINISHED', duration: 1_000_000_000 } as const;
    const parts = [
      part({ ...ended, updatedAt: at + 3_000 }),
      part({ ...ended, updatedAt: at + 4_500 }),
    ];
    const rows = queryRows([record({ parts })], at + 5_000);
    expect(rows.map(({ submit_time, start_time }) => [submit_time, start_time])).toEqual([
      ['2010-12-01T08:26:00.000', '2010-12-01T08:26:02.000'],
      ['2010-12-01T08:26:03.000', '2010-12-01T08:26:03.500'],
    ]);
  });
});

it('scanRows numbers the scans of a statement', () => {
  const scan = {
    schema: 's',
    table: 't',
    location: 's3://b/t/',
    format: 'Text',
    partitioned: true,
    startedAt: at,
    endedAt: at + 5,
    listMilliseconds: 1,
    totalPartitions: 3,
    qualifiedPartitions: 1,
    files: 2,
    rows: 5,
    bytes: 20,
  } as const;
  const rows = scanRows([record({ parts: [part({ scans: [scan, { ...scan, warning: 'w' }] })] })]);
  expect(rows).toMatchObject([
    { query_id: 1001, segment: 0, files: 2, warning: null, end_time: '2010-12-01T08:26:00.005' },
    { query_id: 1001, segment: 1, warning: 'w' },
  ]);
});

it('sessionRows end with the statement', () => {
  const rows = sessionRows([
    record({ status: 'STARTED', target: { DbUser: 'etl' } }),
    record({ status: 'FAILED', updatedAt: at + 1000 }),
  ]);
  expect(rows).toMatchObject([
    { session_id: 7, user_name: 'etl', active: true, end_time: null },
    { user_name: 'awsuser', active: false, end_time: '2010-12-01T08:26:01.000' },
  ]);
});
