import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import {
  forDays,
  forDaysAt,
  parametersOfDays,
  type Statement,
  statement,
  usedParameters,
} from './sql.ts';

const folder = join(import.meta.dirname, '../../../../sql/warehouse');
const files = globSync('*/*.sql', { cwd: folder }).map((path) => ({
  kind: dirname(path) as Statement['kind'],
  file: basename(path, '.sql'),
}));

const values = {
  ds: '2010-12-01',
  bucket: 'stages',
  purchases_table: 'user_purchase_staging',
  spectrum_role_arn: 'arn:aws:iam::000000000000:role/spectrum',
  purchases_location: 's3://stages/user_purchase/stage/2010-12-01/p1/',
  reviews_location: 's3://stages/movie_review/stage/2010-12-01/r1/',
  table: 'public.doctor_1',
  schema: 'doctor_1',
  location: 's3://stages/user_purchase/stage/_doctor/doctor_1/',
  day: 'insert_date',
  customer: 'customerid',
  rows: '5',
  number: '1',
  name: '001_load_sql',
};

describe('a statement', () => {
  it('is its file without comments and semicolon, and its name has no number', () => {
    expect(statement('load', '092_drop_planned_day')).toEqual({
      name: 'drop_planned_day',
      kind: 'load',
      sql: 'drop table planned_day',
    });
    expect(statement('load', 'loaded').name).toBe('loaded');
  });

  it('has values where Redshift takes no parameter', () => {
    expect(statement('partition', 'set_purchases', values).sql).toBe(
      "alter table spectrum.user_purchase_staging\npartition (insert_date = '2010-12-01')\n" +
        "set location 's3://stages/user_purchase/stage/2010-12-01/p1/'",
    );
  });

  it('makes U+0001 the escape of the SerDe, not the backslash', () => {
    const { sql } = statement('ddl', '020_user_purchase_staging', values);
    expect(sql).toContain("'escapeChar' = '\u0001'");
  });

  it('creates the external schema under the name that the tables have, or under another one', () => {
    const schema = (given = {}) =>
      statement('ddl', '010_external_schema', { ...values, ...given }).sql;
    expect(schema()).toContain('if not exists spectrum\n');
    expect(schema({ external_schema: 'doctor_1' })).toContain('if not exists doctor_1\n');
  });

  it.each(["2010-12-01'; drop table x; --", 'back\\slash', 'two\nlines'])(
    'rejects a hostile value: %j',
    (ds) => {
      expect(() => statement('partition', 'set_purchases', { ...values, ds })).toThrow(
        'sql/warehouse/partition/set_purchases.sql asks for ${ds}, which is missing or not plain text',
      );
    },
  );

  it('leaves a placeholder within a value as it is', () => {
    const { sql } = statement('partition', 'set_purchases', { ...values, ds: '${bucket}' });
    expect(sql).toContain("insert_date = '${bucket}'");
  });

  it('without one of its values is a bug', () => {
    const { ds, ...rest } = values;
    expect(ds).toBe('2010-12-01');
    let thrown: unknown;
    try {
      statement('partition', 'set_purchases', rest);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).kind).toBe('bug');
  });

  it.each(files)('of $kind/$file is a single one, complete and within the limits', (one) => {
    const { sql } = statement(one.kind, one.file, values);
    expect(sql).not.toMatch(/\$\{|^--|;|\r/m);
    expect(sql).not.toBe('');
    expect(Buffer.byteLength(sql)).toBeLessThan(100_000);
  });
});

const made = (sql: string): Statement => ({ name: 'x', kind: 'load', sql });
const all = { ds: '2010-12-01', run: 'r1', day: 'd', n2: '2' };
const used = (...sqls: string[]) => Object.keys(usedParameters(sqls.map(made), all));

describe('a statement for a set of days', () => {
  const list = made(
    'select 1 from t\nwhere a in (/* each day */ cast(:ds as date) /* end */) and b = :run',
  );

  it('has what is between the marks once for each day, with the parameters of that day', () => {
    expect(forDays(list, 3).sql).toBe(
      'select 1 from t\nwhere a in (cast(:ds_1 as date), cast(:ds_2 as date), cast(:ds_3 as date)) and b = :run',
    );
    const rows = made('insert into t values\n/* each day */ (\n  :ds,\n  :run\n) /* end */');
    expect(forDays(rows, 2).sql).toBe(
      'insert into t values\n(\n  :ds_1,\n  :run_1\n), (\n  :ds_2,\n  :run_2\n)',
    );
    expect(forDays(made('drop table t'), 3).sql).toBe('drop table t');
    expect(forDaysAt(list, [1, 2])?.sql).toBe(
      forDays(list, 3).sql.replace(/cast\(:ds_1 as date\), /, ''),
    );
    expect(forDaysAt(list, [])).toBeUndefined();
  });

  it('uses the parameters that its days have', () => {
    const days = parametersOfDays([{ ds: '2010-12-01' }, { ds: '2010-12-02' }]);
    expect(usedParameters([forDays(list, 2)], { run: 'r1', ...days })).toEqual({
      run: 'r1',
      ds_1: '2010-12-01',
      ds_2: '2010-12-02',
    });
  });

  it.each(files)('in $kind/$file leaves no mark and no parameter without a day', (one) => {
    const { sql } = statement(one.kind, one.file, values);
    expect(forDays({ name: 'x', kind: 'load', sql }, 2).sql).not.toMatch(
      /\/\*|\*\/|:\w+_1\b(?![\s\S]*_2)/,
    );
  });
});

describe('the used parameters', () => {
  it('are those of all statements, with their values', () => {
    expect(usedParameters([made('select :ds'), made('select :run, :ds')], all)).toEqual({
      ds: '2010-12-01',
      run: 'r1',
    });
    expect(used('select :n2 + 1')).toEqual(['n2']);
    expect(used('select 1')).toEqual([]);
  });

  it.each([
    ['a cast', 'select now()::day'],
    ['a text', "select ':day'"],
    ['a text with a doubled quote', "select 'it''s :day'"],
    ['a quoted name', 'select ":day" from t'],
    ['a comment', 'select 1 -- of :day\n'],
    ['an address', "select 's3://bucket/:day/'"],
    ['a time', "select '08:26:day'"],
    ['a longer name', 'select :days'],
    ['an unknown name', 'select :unknown'],
  ])('do not include %s', (_, sql) => {
    expect(used(sql)).toEqual([]);
    expect(used(`${sql}\n, :ds`)).toEqual(['ds']);
  });

  it.each([
    ['behind a cast', 'select x::date = :ds'],
    ['before a cast', 'select :ds::date'],
    ['between texts', "select 'a' || :ds || 'b'"],
    ['without a space', 'select (:ds)'],
  ])('are found %s', (_, sql) => {
    expect(used(sql)).toEqual(['ds']);
  });
});
