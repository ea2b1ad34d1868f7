import { beforeAll, describe, expect, it } from 'vitest';
import { useDialect } from './dialect-suite.ts';

const dialect = useDialect();
beforeAll(async () => {
  await dialect.run('create table t (id int, name varchar(10), ok boolean, day date)');
  await dialect.run("insert into t values (1, 'a', true, '2010-12-01')");
});

const syntax = (near: string): string => `ERROR: syntax error at or near "${near}"`;
const noFunction = (name: string): string => `ERROR: function ${name}() does not exist`;
const leaderOnly =
  'ERROR: Specified types or functions (one per INFO message) not supported on Redshift tables.';

/** What PostgreSQL or DuckDB takes, and Redshift's error. */
const refused: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  queries: [
    ['select distinct on (id) id from t', 'ERROR: SELECT DISTINCT ON is not supported'],
    ['select count(*) filter (where ok) from t', syntax('(')],
    ['select id from t for update', 'ERROR: SELECT FOR UPDATE/SHARE is not supported'],
    ['select id from t for key share', 'ERROR: SELECT FOR UPDATE/SHARE is not supported'],
    ['select * from t tablesample bernoulli (10)', syntax('bernoulli')],
    ['select * from t using sample 10%', syntax('sample')],
    ['select * from (values (1), (2)) v(a)', syntax('values')],
    ['values (1), (2)', syntax('values')],
    ['from t', syntax('from')],
    ['from t select id', syntax('from')],
    ['table t', syntax('table')],
    ['select * from t, lateral (select t.id) x', syntax('(')],
    ['select id from t fetch first 1 rows only', syntax('fetch')],
    ['select id from t order by all', syntax('all')],
    ['select id from t limit 10%', syntax('%')],
    ['select * replace (1 as id) from t', syntax('(')],
    ['select * from only t', syntax('only')],
    ['with x as materialized (select 1 as a) select * from x', syntax('materialized')],
    ['select id from t intersect all select 1', 'ERROR: INTERSECT/EXCEPT ALL is not supported'],
    ['select * from t asof join t u on t.day >= u.day', syntax('join')],
    ['select 1 is distinct from 2', syntax('distinct')],
    ['select * from (describe select 1)', syntax('describe')],
    ['select * from (summarize t)', syntax('summarize')],
    ['select * from (pivot t on name)', syntax('pivot')],
    ['with x as (unpivot t on name) select 1', syntax('unpivot')],
    ['select 1 where exists (show tables)', syntax('show')],
    ['select * from (from t)', syntax('from')],
    ['create view x as (table t)', syntax('table')],
    ['insert into t (describe t)', syntax('describe')],
    [
      'with r(n) as (select 1 union all select n + 1 from r where n < 3) select * from r',
      'ERROR: relation "r" does not exist',
    ],
  ],
  windows: [
    [
      'select sum(id) over (order by id range between 1 preceding and current row) from t',
      'ERROR: RANGE PRECEDING is only supported with UNBOUNDED',
    ],
    [
      'select sum(id) over (order by id groups between 1 preceding and current row) from t',
      syntax('groups'),
    ],
    [
      'select sum(id) over (order by id rows between 1 preceding and current row exclude ties) from t',
      syntax('exclude'),
    ],
    ['select first_value(id) over w from t window w as (order by id)', syntax('w')],
  ],
  functions: [
    ['select sum(ok) from t', 'ERROR: function sum(boolean) does not exist'],
    ['select avg(ok) from t', 'ERROR: function avg(boolean) does not exist'],
    ['select sum(ok) over () from t', 'ERROR: function sum(boolean) does not exist'],
    ...[
      ["string_agg(name, ',')", 'string_agg'],
      ['array_agg(name)', 'array_agg'],
      ['list(name)', 'list'],
      ['every(ok)', 'every'],
      ['corr(id, id)', 'corr'],
      ["strftime(day, '%Y')", 'strftime'],
      ['row_to_json(t)', 'row_to_json'],
      ["regexp_matches(name, 'a')", 'regexp_matches'],
      ["regexp_split_to_array(name, 'a')", 'regexp_split_to_array'],
      ["format('%s', name)", 'format'],
      ["encode(name, 'base64')", 'encode'],
      ["overlay(name placing 'b' from 1)", 'overlay'],
      ['bit_length(name)', 'bit_length'],
      ['div(id, 2)', 'div'],
      ['width_bucket(id, 1, 2, 3)', 'width_bucket'],
      ['clock_timestamp()', 'clock_timestamp'],
      ['pg_sleep(1)', 'pg_sleep'],
      ['row(1, 2)', 'row'],
      ["nextval('s')", 'nextval'],
      ["columns('i.*')", 'columns'],
      ['rs_trunc(1.5)', 'rs_trunc'],

      ["js_sha2('a', 256)", 'js_sha2'],
    ].map(([call = '', name = '']) => [`select ${call} from t`, noFunction(name)] as const),
    ['select * from unnest(split_to_array(name)) from t', noFunction('unnest')],
    ['select * from t, generate_series(1, 3)', leaderOnly],
    ['create table x as select list_sum(list_value(1, 2))', noFunction('list_sum')],
    ["create temp table x as (select string_agg('x', ','))", noFunction('string_agg')],
    ['create table x as with y as (select * from range(3)) select * from y', noFunction('range')],
    ["create local temp table #x as select * from glob('*')", noFunction('glob')],
    ["select * into x from read_text('/etc/passwd')", noFunction('read_text')],
    ['create table x (a int default pg_sleep(1))', noFunction('pg_sleep')],
    ["alter table t add column a varchar(9) default getenv('HOME')", noFunction('getenv')],
    ["explain select * from glob('*')", noFunction('glob')],
    ['select now() from t', leaderOnly],
    ['select id from t where name = version()', leaderOnly],
  ],
  types: [
    ['create table x (a json)', 'ERROR: type "json" does not exist'],
    ['create table x (a jsonb)', 'ERROR: type "jsonb" does not exist'],
    ['create table x (a uuid)', 'ERROR: type "uuid" does not exist'],
    ['create table x (a tinyint)', 'ERROR: type "tinyint" does not exist'],
    ['create table x (a int[])', 'ERROR: Column "x.a" has unsupported type "int[]".'],
    ['create table x (a interval)', 'ERROR: Column "x.a" has unsupported type "interval".'],
    ['create table x (a serial)', 'ERROR: Column "x.a" has unsupported type "serial".'],
    ['create table x (a bytea)', 'ERROR: Column "x.a" has unsupported type "bytea".'],
    ['create table x (a money)', 'ERROR: Column "x.a" has unsupported type "money".'],
    ['create table x (a int, b inet)', 'ERROR: Column "x.b" has unsupported type "inet".'],
    ["create table x (a enum('a', 'b'))", 'ERROR: type "enum" does not exist'],
    ['create table x (a struct(b int))', 'ERROR: type "struct" does not exist'],
    ['alter table t add column u uuid', 'ERROR: type "uuid" does not exist'],
    [`select '{"a":1}'::json`, 'ERROR: type "json" does not exist'],
    ["select cast('a' as uuid)", 'ERROR: type "uuid" does not exist'],
    ['select 1::hugeint', 'ERROR: type "hugeint" does not exist'],
    ['select id from t where id = any(array[1, 2])', 'ERROR: ARRAY[] is not supported'],
    ['select array[1, 2]', 'ERROR: ARRAY[] is not supported'],
    ['select [1, 2]', syntax('[')],
    ["select {'a': 1}", syntax('{')],
    ["select name -> 'a' from t", syntax('>')],
  ],
  changes: [
    ['insert into t (id) values (2) returning id', syntax('returning')],
    ["update t set name = 'x' returning id", syntax('returning')],
    ['delete from t where id = 2 returning *', syntax('returning')],
    ['insert into t (id) values (1) on conflict do nothing', syntax('conflict')],
    ["insert into t (id) values (1) on conflict (id) do update set name = 'x'", syntax('conflict')],
    ['insert or replace into t (id) values (1)', syntax('or')],
    ['truncate t, t', syntax(',')],
    ['truncate t restart identity', syntax('restart')],
    [
      'merge into t using t u on t.id = u.id when matched and u.ok then delete',
      'ERROR: MERGE conditions after MATCHED are not supported',
    ],
  ],
  definitions: [
    ...[
      'create index i on t (id)',
      'create unique index i on t (id)',
      'create index i on t (id) where ok',
      'create sequence s',
      'create trigger r before insert on t execute procedure f()',
      'create domain d as int',
      "create type mood as enum ('a')",
      'drop index i',
      'alter sequence s restart',
    ].map((sql) => [sql, `ERROR: SQL command "${sql}" not supported on Redshift tables.`] as const),
    ['create extension hstore', syntax('extension')],
    ['create macro m(a) as a + 1', syntax('macro')],
    ['create or replace table x (a int)', syntax('table')],
    ['create unlogged table x (a int)', syntax('unlogged')],
    ['create temp view v as select 1', syntax('view')],
    ['create table x (a int) inherits (t)', 'ERROR: INHERITS is not supported'],
    ['create table x (a int) partition by range (a)', syntax('partition')],
    ['create table x (a int check (a > 0))', 'ERROR: CHECK constraints are not supported'],
    ['create table x (a int, check (a > 0))', 'ERROR: CHECK constraints are not supported'],
    ['create table x (oid int)', 'ERROR: column name "oid" conflicts with a system column name'],
    ['alter table t add check (id > 0)', 'ERROR: CHECK constraints are not supported'],
    ['alter table t alter column id set default 5', syntax('set')],
    ['alter table t alter column id drop not null', syntax('drop')],
    [
      'alter table t alter column id type bigint',
      'ERROR: cannot alter column "id" of relation "t", only the size of a VARCHAR can change',
    ],
    [
      'alter table t alter column id type varchar(5)',
      'ERROR: cannot alter column "id" of relation "t", only the size of a VARCHAR can change',
    ],
    ['alter table t drop column if exists id', syntax('if')],
    ['alter table t drop column zz', 'ERROR: column "zz" of relation "t" does not exist'],
    [
      'alter table t add column n int not null',
      'ERROR: ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
    ],
  ],
  commands: [
    ...[
      'create function f(a) as a + 1',
      "create or replace function f(a int) returns int stable as 'select 1' language sql",
      'drop function rs_trunc',
    ].map(
      (sql) =>
        [sql, 'ERROR: user-defined functions are not supported by this local warehouse'] as const,
    ),
    ['show constructor', 'ERROR: unrecognized configuration parameter "constructor"'],
    ["with x as (select 1) copy x to '/tmp/x.csv'", syntax('copy')],
    ['with recursive x (a) as (select 1), y as (select 2) from y', syntax('from')],
    ["(copy t to '/tmp/x.csv')", syntax('copy')],
    ['insert into t describe t', syntax('describe')],
    ['with x as (select 1) insert into t (id) from x', syntax('from')],
    ['explain pragma version', syntax('pragma')],
    ["explain analyze copy t to '/tmp/x.csv'", syntax('analyze')],
    ['reload t', syntax('reload')],
    ['5', syntax('5')],
    ...[
      "prepare p as copy (select 'evil' as a) to '/tmp/x.csv'",
      'prepare p as select 1',
      'execute p',
      'deallocate p',
      'close c',
      'cancel 5',
      'refresh materialized view v',
      'create database foo',
      'drop database foo',
      "create user somebody password 'Secret01'",
      'alter database dev rename to foo',
      'drop role r',
    ].map((sql) => {
      const [command = '', object = ''] = sql.split(' ');
      const named = /^(create|alter|drop)$/.test(command) ? `${command} ${object}` : command;
      return [
        sql,
        `ERROR: ${named.toUpperCase()} is not supported by this local warehouse`,
      ] as const;
    }),
    ...'pragma attach detach install load export import checkpoint describe summarize pivot reindex cluster listen do savepoint'
      .split(' ')
      .map((word) => [`${word} database`, syntax(word)] as const),
    ['show everything', 'ERROR: unrecognized configuration parameter "everything"'],
    ['copy t from stdin', 'ERROR: COPY FROM STDIN is not supported'],
  ],
};

describe.each(Object.entries(refused))('%s that Redshift does not have', (_, cases) => {
  it.each(cases)('%s', async (sql, error) => {
    expect(await dialect.run(sql)).toEqual([error]);
  });
});

describe('the system tables and views stay', () => {
  it.each([
    ['drop view pg_user', 'pg_user'],
    ['drop view if exists "PG_USER" cascade', 'pg_user'],
    ['drop table t, svv_tables', 'svv_tables'],
    ['drop view public.t, svv_tables', 'svv_tables'],
    ['drop view rs_type', 'rs_type'],
    ['drop view stl_query', 'stl_query'],
    ['drop table pg_catalog.pg_class', 'pg_class'],
    ['drop view information_schema.tables', 'tables'],
    ['alter table svv_tables rename to gone', 'svv_tables'],
    ['alter view svv_columns rename to gone', 'svv_columns'],
    ['alter table t rename to svv_tables', 'svv_tables'],
    ['create view pg_user as select 1 as a', 'pg_user'],
    ['create or replace view svv_external_tables as select 1 as a', 'svv_external_tables'],
    ['create temp table if not exists pg_class (a int)', 'pg_class'],
    ['create table pg_catalog.mine (a int)', 'mine'],
    ['select 1 as a into temp table pg_index', 'pg_index'],
    ['insert into pg_views values (1)', 'pg_views'],
    ['delete from pg_views', 'pg_views'],
    ['update pg_views set viewname = 1', 'pg_views'],
    ['truncate table pg_views', 'pg_views'],
  ])('%s', async (sql, name) => {
    expect(await dialect.run(sql)).toEqual([
      `ERROR: permission denied: "${name}" is a system catalog`,
    ]);
  });

  it.each([
    ['create schema pg_mine', 'unacceptable schema name "pg_mine"'],
    ['create schema if not exists PG_CATALOG', 'unacceptable schema name "pg_catalog"'],
    ['create schema information_schema', 'schema "information_schema" already exists'],
  ])('%s', async (sql, message) => {
    expect(await dialect.run(sql)).toEqual([`ERROR: ${message}`]);
  });

  it('but tables of users may have such names, in a schema of theirs or with another ending', async () => {
    for (const name of ['audit.stl_query', 'sys_events']) {
      await dialect.run('create schema if not exists audit');
      expect(await dialect.run(`create table ${name} (a int)`)).toEqual([]);
      expect(await dialect.run(`insert into ${name} values (1)`)).toEqual([]);
      expect(await dialect.run(`alter table ${name} add column b int`)).toEqual([]);
      expect(await dialect.run(`drop table ${name}`)).toEqual([]);
    }
  });
});

it('refuses to change the size of a column within a transaction', async () => {
  expect(await dialect.run('alter table t alter column name type varchar(20)', true)).toEqual([
    'ERROR: ALTER TABLE ALTER COLUMN cannot run inside a transaction block',
  ]);
});

describe('the files of the machine and the state of the endpoint', () => {
  it.each([
    ["select * from read_csv('/etc/passwd')", noFunction('read_csv')],
    ["select * from read_text('/etc/passwd')", noFunction('read_text')],
    ["select * from pg_catalog.read_text('/etc/passwd')", noFunction('read_text')],
    ["select * from glob('/etc/*')", noFunction('glob')],
    ["select * from query('select 1')", noFunction('query')],
    ["select getenv('HOME')", noFunction('getenv')],
    ["select * from '/etc/passwd'", 'ERROR: relation "/etc/passwd" does not exist'],
    ['select * from "/tmp/x.csv"', 'ERROR: relation "/tmp/x.csv" does not exist'],
    ["copy t to '/tmp/x.csv'", syntax('to')],
    ["copy (select 1) to '/tmp/x.csv'", syntax('(')],
    ["copy t from '/etc/passwd'", 'ERROR: COPY is not supported by this local warehouse'],
    ["unload ('select 1') to '/tmp/x'", 'ERROR: UNLOAD is not supported by this local warehouse'],
    ['select * from warehouse.statement', 'ERROR: schema "warehouse" does not exist'],
    ['select * from t, warehouse.statement', 'ERROR: schema "warehouse" does not exist'],
    ['select * from "warehouse"."statement"', 'ERROR: schema "warehouse" does not exist'],
    ['drop table warehouse.statement', 'ERROR: schema "warehouse" does not exist'],
    ['drop schema if exists warehouse cascade', 'ERROR: schema "warehouse" does not exist'],
    ['drop view main.svv_tables', 'ERROR: schema "main" does not exist'],
    ['select * from dev.warehouse.statement', 'ERROR: schema "warehouse" does not exist'],
    ['select * from duckdb_settings()', 'ERROR: relation "duckdb_settings" does not exist'],
    ['select * from duckdb_tables', 'ERROR: relation "duckdb_tables" does not exist'],
    ['use memory', 'ERROR: USE is not supported by this local warehouse'],
  ])('%s', async (sql, error) => {
    expect(await dialect.run(sql)).toEqual([error]);
  });

  it('stay closed whatever SET says', async () => {
    await dialect.run('set enable_external_access = true');
    expect(await dialect.run("select current_setting('enable_external_access')")).toEqual([
      'false',
    ]);
  });
});
