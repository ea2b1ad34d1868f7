import { describe, expect, it } from 'vitest';
import type { ExternalTable } from '../external/external-definition.ts';
import { tokenize } from './sql-tokens.ts';
import { translate } from './translate.ts';

const sales: ExternalTable = {
  schema: 'ext',
  name: 'sales',
  columns: [{ name: 'amount', type: { name: 'integer' } }],
  partitionColumns: [{ name: 'ds', type: { name: 'date' } }],
  format: { kind: 'parquet' },
  skipHeaderLines: 0,
  location: 's3://b/sales/',
  properties: {},
};

const plan = (sql: string) =>
  translate(tokenize(sql), (schema) => (schema === 'ext' ? sales : undefined));
const sql = (text: string) => plan(text).sql;

describe('translate', () => {
  it.each([
    [
      'select a / b, a % 2 from t',
      'SELECT a / RS_DIVISOR(b) AS "?column?", a % RS_DIVISOR(2) AS "?column?" FROM t',
    ],
    ["select cast('1' as int) as x", "SELECT RS_INT('1') AS x"],
    ["select '1'::bigint as x", "SELECT RS_BIGINT('1') AS x"],
    ['select a::varchar(3) as x from t', 'SELECT RS_VARCHAR(a, 3) AS x FROM t'],
    ['select a::decimal as x from t', 'SELECT CAST(a AS DECIMAL(18, 0)) AS x FROM t'],
    ['select sum(a), avg(a) from t', 'SELECT RS_SUM(a) AS "sum", RS_AVG(a) AS "avg" FROM t'],
    ['select sum(distinct a) as s from t', 'SELECT SUM(DISTINCT a) AS s FROM t'],
    [
      'select sum(a) over (order by b) as s from t',
      'SELECT RS_WINDOW_SUM(SUM(a) OVER (ORDER BY b), a) AS s FROM t',
    ],
    [
      'select a from t having b or c qualify rank() over (order by a) = 1',
      'SELECT a FROM t HAVING (b OR c) QUALIFY (RANK() OVER (ORDER BY a) = 1)',
    ],
    ['select try_cast(a as int) as x from t', 'SELECT TRY_CAST((a) AS INT) AS x FROM t'],
    ['select a as at from t', 'SELECT a AS "at" FROM t'],
    ['select getdate(), sysdate', 'SELECT RS_GETDATE() AS "getdate", RS_SYSDATE() AS "sysdate"'],
    [
      "select dateadd(day, -1, '2010-12-01')",
      `SELECT RS_DATEADD_DAYS(-1, '2010-12-01') AS "dateadd"`,
    ],
    [
      "select to_char(d, 'YYYY-MM-DD HH24:MI') as x from t",
      "SELECT RS_TO_CHAR(d, 'YYYY-MM-DD HH24:MI') AS x FROM t",
    ],
    [
      "select nvl(a, 1), decode(a, 1, 'x', 'y') as d from t",
      `SELECT COALESCE(a, 1) AS "coalesce", CASE WHEN a = 1 THEN 'x' ELSE 'y' END AS d FROM t`,
    ],
    ['select Foo as "Bar" from T', 'SELECT foo AS "bar" FROM t'],
    [
      'select count(*), max(a), a::int, 1 from t',
      'SELECT COUNT(*) AS "count", MAX(a) AS "max", RS_INT(a) AS "a", 1 AS "?column?" FROM t',
    ],
    ['delete t where a = 1', 'DELETE FROM t WHERE a = 1'],
    ['delete from p.t using s.u where t.a = u.a', 'DELETE FROM p.t USING "s"."u" WHERE t.a = u.a'],
  ])('%s', (from, to) => {
    expect(sql(from)).toBe(to);
  });

  it('preserves quotes and backslashes', () => {
    expect(sql(String.raw`select 'it''s', 'a\\b' as x from t where b like 'a\\_%'`)).toBe(
      String.raw`SELECT 'it''s' AS "?column?", 'a\b' AS x FROM t WHERE b LIKE 'a\_%' ESCAPE '\'`,
    );
  });

  it('has a fallback if the types of aggregates cannot be determined', () => {
    expect(plan('select sum(a) as s from t').untypedSql).toBe('SELECT SUM(a) AS s FROM t');
  });

  it('reports the position of a syntax error', () => {
    expect(() => plan('select from where')).toThrow('syntax error');
  });

  it('replaces an external table with a view and keeps its name', () => {
    const { sql: text, scans } = plan('select sales.amount, ext.sales.ds from ext.sales');
    expect(text).toBe('SELECT sales.amount, sales.ds FROM rs_external_0 AS sales');
    expect(scans).toMatchObject([{ view: 'rs_external_0', withPath: false, conditions: [] }]);
  });

  it('does not replace a table with the same name in another schema', () => {
    expect(plan('select * from public.sales').scans).toEqual([]);
  });

  it('expands * if the statement uses a pseudo-column', () => {
    const { sql: text, scans } = plan('select *, "$path" from ext.sales');
    expect(text).toBe('SELECT sales."amount", sales."ds", "$path" FROM rs_external_0 AS sales');
    expect(scans[0]).toMatchObject({ withPath: true, withSize: false });
  });

  it.each([
    'insert into ext.sales select 1',
    'update ext.sales set amount = 1',
    'delete from ext.sales',
  ])('rejects %s', (statement) => {
    expect(() => plan(statement)).toThrow('external table');
  });
});
