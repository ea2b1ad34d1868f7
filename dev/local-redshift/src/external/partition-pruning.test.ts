import { describe, expect, it } from 'vitest';
import type { ExternalTable } from './external-definition.ts';
import { bindParameters } from '../api/parameters.ts';
import { mayMatch } from './partition-pruning.ts';
import { tokenize } from '../sql/sql-tokens.ts';
import { translate } from '../sql/translate.ts';

const table: ExternalTable = {
  schema: 'ext',
  name: 'sales',
  columns: [{ name: 'amount', type: { name: 'integer' } }],
  partitionColumns: [
    { name: 'ds', type: { name: 'date' } },
    { name: 'region', type: { name: 'varchar', length: 10 } },
    { name: 'hour', type: { name: 'integer' } },
  ],
  format: { kind: 'parquet' },
  skipHeaderLines: 0,
  location: 's3://b/sales/',
  properties: {},
};

const days = Array.from({ length: 1000 }, (_, index) =>
  new Date(Date.UTC(2010, 11, 1 + index)).toISOString().slice(0, 10),
);
const partitions = days.map((day, index) => ({
  values: [day, index % 2 === 0 ? 'eu' : 'us', String(index % 24)],
  location: `s3://b/sales/${day}/`,
}));

/** The number of partitions, of 1,000, that each scan of the statement must read. */
function read(sql: string): number[] {
  const bound = bindParameters(tokenize(sql), [{ name: 'ds', value: '2010-12-02' }]);
  const { scans } = translate(bound, (schema) => (schema === 'ext' ? table : undefined));
  return scans.map(
    (scan) =>
      partitions.filter((one) => mayMatch(one, table.partitionColumns, scan.conditions)).length,
  );
}

describe('pruning', () => {
  it.each([
    ["select * from ext.sales where ds = '2010-12-02'", [1]],
    ['select * from ext.sales where ds = cast(:ds as date)', [1]],
    ['select * from ext.sales where :ds::date = ds and amount > 1', [1]],
    ["select * from ext.sales s where s.ds = date '2010-12-02'", [1]],
    ["select * from ext.sales where (ds = '2010-12-02' and (amount = 1 or amount = 2))", [1]],
    ["select * from ext.sales where ds in ('2010-12-01', '2010-12-02')", [2]],
    ["select * from ext.sales where ds between '2010-12-01' and '2010-12-03'", [3]],
    ["select * from ext.sales where ds >= '2010-12-01' and ds < '2010-12-03'", [2]],
    ["select * from ext.sales where region = 'eu'", [500]],
    ['select * from ext.sales where hour = 7', [42]],
    ['create temp table d as select count(*) from ext.sales where ds = :ds', [1]],
    ['insert into t select amount from ext.sales where ds = :ds', [1]],
    ['with d as (select * from ext.sales where ds = :ds) select * from d', [1]],
    ['select * from t where a in (select amount from ext.sales where ds = :ds)', [1]],
    ['select * from t join ext.sales s on s.amount = t.a and s.ds = :ds', [1]],
    ['select * from t left join ext.sales s on s.amount = t.a and s.ds = :ds', [1]],
    [
      "select * from ext.sales a join ext.sales b on a.amount = b.amount where a.ds = :ds and b.ds = '2010-12-09'",
      [1, 1],
    ],
    ['update t set a = 1 from ext.sales s where s.amount = t.a and s.ds = :ds', [1]],
    ["select * from ext.sales where ds = '1999-01-01'", [0]],
  ])('%s', (sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });

  it.each([
    ['select * from ext.sales'],
    ["select * from ext.sales where ds = '2010-12-02' or amount = 1"],
    ["select * from ext.sales where not (ds = '2010-12-02')"],
    ["select * from ext.sales where ds not in ('2010-12-02')"],
    ["select * from ext.sales where ds <> '2010-12-02'"],
    ['select * from ext.sales where ds = dateadd(day, 1, cast(:ds as date))'],
    ["select * from ext.sales where cast(ds as varchar) = '2010-12-02'"],
    ["select * from ext.sales where ds = '2 December 2010'"],
    ["select * from ext.sales where hour = '7.0'"],
    ["select * from ext.sales where region = 'it''s'"],
    ['select * from (select * from ext.sales) s where ds = :ds'],
    ['select * from t full join ext.sales s on s.ds = :ds and s.amount = t.a'],
    ["select * from ext.sales where exists (select 1 from t where ds = '2010-12-02')"],
    ['select * from ext.sales s join t on t.a = s.amount where t.ds = :ds'],
  ])('reads all when unsure: %s', (sql) => {
    expect(read(sql)).toEqual([1000]);
  });
});
