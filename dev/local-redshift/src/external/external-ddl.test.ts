import { describe, expect, it } from 'vitest';
import { externalCommand, isExternalDdl, parseExternalDdl } from './external-ddl.ts';
import { tokenize } from '../sql/sql-tokens.ts';

const parse = (sql: string) => parseExternalDdl(tokenize(sql));

const csvTable = String.raw`
  -- the vendor's file
  create external table Spectrum."Orders" (id varchar(40), amount decimal(8, 3), note varchar(max), ok boolean)
  partitioned by (ds date, n int)
  row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
  with serdeproperties ('separatorChar' = '\t', 'quoteChar' = '"', 'escapeChar' = '\\')
  stored as textfile
  location 's3://bucket/orders/'
  table properties ('skip.header.line.count' = '1')`;

describe('parseExternalDdl', () => {
  it('parses CREATE EXTERNAL SCHEMA', () => {
    const sql = `create external schema if not exists x from data catalog database 'glue' region 'us-east-1'
      iam_role 'arn:aws:iam::123456789012:role/r' create external database if not exists`;
    expect(parse(sql)).toEqual({
      kind: 'create-schema',
      ifNotExists: true,
      schema: { name: 'x', database: 'glue', iamRole: 'arn:aws:iam::123456789012:role/r' },
    });
  });

  it('parses CREATE EXTERNAL TABLE with a SerDe', () => {
    expect(parse(csvTable)).toMatchObject({
      kind: 'create-table',
      table: {
        schema: 'spectrum',
        name: 'orders',
        columns: [
          { name: 'id', type: { name: 'varchar', length: 40 } },
          { name: 'amount', type: { name: 'decimal', precision: 8, scale: 3 } },
          { name: 'note', type: { name: 'varchar', length: 65_535 } },
          { name: 'ok', type: { name: 'boolean' } },
        ],
        partitionColumns: [
          { name: 'ds', type: { name: 'date' } },
          { name: 'n', type: { name: 'integer' } },
        ],
        format: { kind: 'opencsv', separator: '\t', quote: '"', escape: '\\', wholeFile: false },
        skipHeaderLines: 1,
        location: 's3://bucket/orders/',
      },
    });
  });

  it('parses DELIMITED and PARQUET', () => {
    const delimited = `create external table s.t (a int) row format delimited fields terminated by ','
      stored as textfile location 's3://b/t/'`;
    expect(parse(delimited)).toMatchObject({
      table: { format: { kind: 'delimited', delimiter: ',' } },
    });
    const parquet = `create external table s.t (a int) stored as parquet location 's3://b/t/'`;
    expect(parse(parquet)).toMatchObject({ table: { format: { kind: 'parquet' } } });
  });

  it('parses several partitions in one statement', () => {
    const sql = `alter table s.t add if not exists partition (ds='2010-12-01', n=2) location 's3://b/1/'
      partition (n=3, ds='2010-12-02') location 's3://b/2/'`;
    const statement = parse(sql);
    expect(statement).toMatchObject({ kind: 'add-partitions', ifNotExists: true });
    expect(statement.kind === 'add-partitions' && statement.partitions[1]?.values.get('n')).toBe(
      '3',
    );
    expect(externalCommand(statement)).toBe('ALTER EXTERNAL TABLE');
  });

  it('allows at most 100 partitions', () => {
    const partitions = (count: number) =>
      Array.from({ length: count }, (_, n) => `partition (n=${n}) location 's3://b/${n}/'`).join(
        ' ',
      );
    expect(parse(`alter table s.t add ${partitions(100)}`)).toBeDefined();
    expect(() => parse(`alter table s.t add ${partitions(101)}`)).toThrow('at most 100 partitions');
  });

  it('parses SET LOCATION and DROP PARTITION', () => {
    expect(parse(`alter table s.t partition (n='1') set location 's3://b/1/'`)).toMatchObject({
      kind: 'set-location',
      partition: { location: 's3://b/1/' },
    });
    expect(parse(`alter table s.t drop partition (n='1')`)).toMatchObject({
      kind: 'drop-partition',
    });
  });

  it('parses changes of a table, and commas between partitions', () => {
    const properties = `alter table s.t set table properties ('numRows' = '5', 'skip.header.line.count'='1')`;
    expect(parse(properties)).toEqual({
      kind: 'change-external-table',
      schema: 's',
      name: 't',
      change: { properties: { numRows: '5', 'skip.header.line.count': '1' } },
    });
    expect(parse(`alter table s.t set location 's3://b/T/'`)).toMatchObject({
      change: { location: 's3://b/T/' },
    });
    const added = parse(
      `alter table s.t add partition (n=1) location 's3://b/1/', partition (n=2) location 's3://b/2/'`,
    );
    expect(added.kind === 'add-partitions' && added.partitions).toHaveLength(2);
  });

  it('applies table properties to the format', () => {
    const sql = `create external table s.t (a int) row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
      stored as textfile location 's3://b/t/' table properties ('serialization.null.format' = '-')`;
    expect(parse(sql)).toMatchObject({
      table: { format: { nullText: '-' }, properties: { 'serialization.null.format': '-' } },
    });
  });

  it.each([
    [
      `create external table if not exists s.t (a int) stored as parquet location 's3://b/t/'`,
      '"not"',
    ],
    [`create external table s.t (a int) stored as orc location 's3://b/t/'`, 'orc'],
    [`create external table s.t (a struct) stored as parquet location 's3://b/t/'`, 'struct'],
    [`create external table s.t (a int) stored as parquet location '/tmp/t'`, 'invalid location'],
    [`create external table s.t (a int) stored as parquet location 's3://b/t/' extra`, '"extra"'],
    [`create external table t (a int) stored as parquet location 's3://b/t/'`, '"("'],
    [`alter table s.t add partition (n='1')`, 'end of input'],
    [`alter table s.t add partition (n='1') location 's3://b/1/',`, 'end of input'],
    [
      `create external table s.t (a int) partitioned by (A date) stored as parquet location 's3://b/t/'`,
      'column "a" specified more than once',
    ],
    [
      `create external table s.t ("$path" int) stored as parquet location 's3://b/t/'`,
      'conflicts with a pseudocolumn',
    ],
    [
      `create external table s.t (a int) partitioned by (b struct) stored as parquet location 's3://b/t/'`,
      'struct',
    ],
    [
      `create external table s.t (a int) stored as parquet location 's3://b/t/' table properties ('compression_type' = 'lzo')`,
      'invalid value for compression_type: "lzo"',
    ],
    [
      `create external table s.t (a int) stored as parquet location 's3://b/t/' table properties ('surplus_char_handling' = 'CUT')`,
      'invalid value for surplus_char_handling',
    ],
  ])('refuses %s', (sql, message) => {
    expect(() => parse(sql)).toThrow(message);
  });
});

describe('isExternalDdl', () => {
  it.each([
    ['create external table s.t (a int)', true],
    ["alter table s.t drop partition (a='1')", true],
    ["alter table s.t set table properties ('numRows'='1')", true],
    ["alter table s.t set location 's3://b/t/'", true],
    ['alter table t add column partition int', false],
    ['create table t (a int)', false],
    ['select row_number() over (partition by a) from t', false],
  ])('%s: %s', (sql, expected) => {
    expect(isExternalDdl(tokenize(sql))).toBe(expected);
  });
});
