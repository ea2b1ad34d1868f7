import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenize } from '../sql/sql-tokens.ts';
import { splitStatements } from '../sql/token-groups.ts';
import { useDialect } from './dialect-suite.ts';
import { refuseUnsupported } from './refusals.ts';

const dialect = useDialect();
const { run } = dialect;
beforeAll(async () => {
  await run(
    'create table sale (id int, buyer varchar(10), amount decimal(12, 2), day date, at timestamp, ok boolean)',
  );
  await run(`insert into sale values
    (1, 'anna', 10.50, '2010-12-01', '2010-12-01 08:26:00', true),
    (2, 'bob', 20.25, '2010-12-02', '2010-12-02 09:00:00', false),
    (3, null, null, null, null, null)`);
});

it('names the columns of a result after PostgreSQL', async () => {
  const sql =
    'select current_date, current_user, getdate(), sha2(buyer, 0), listagg(buyer), nvl2(buyer, 1, 2) from sale group by buyer';
  expect(await dialect.columns(sql)).toEqual([
    'date date',
    'current_user varchar',
    'getdate timestamp',
    'sha2 varchar',
    'listagg varchar',
    'case int4',
  ]);
});

describe('a query', () => {
  it.each<readonly [string, readonly string[]]>([
    [
      'select id, buyer from sale qualify row_number() over (partition by ok order by id) = 1 order by id',
      ['1|anna', '2|bob', '3|NULL'],
    ],
    [
      'select ok, count(*) from sale group by ok having count(*) > 0 or ok qualify rank() over (order by ok) = 1',
      ['false|1'],
    ],
    [
      'select id, ratio_to_report(amount) over () * 123 from sale order by 1',
      ['1|42', '2|81', '3|NULL'],
    ],
    [
      'select id, sum(id) over (order by id rows unbounded preceding) from sale order by 1',
      ['1|1', '2|3', '3|6'],
    ],
    ['select avg(id) over (partition by ok is null) from sale order by 1', ['1', '1', '3']],
    ["select listagg(buyer, ', ') within group (order by buyer desc) from sale", ['bob, anna']],
    ['select listagg(buyer) within group (order by buyer) from sale', ['annabob']],
    ['select median(id) from sale', ['2']],
    ['select top 2 id from sale order by id desc', ['3', '2']],
    ['select id from sale minus select 1 order by 1', ['2', '3']],
    ['select * exclude (buyer, amount, day, ok) from sale where id = 1', ['1|2010-12-01 08:26:00']],
    ["select at from sale where day = date '12/01/2010'", ['2010-12-01 08:26:00']],
    [
      'with recursive r(n) as (select 1 union all select n + 1 from r where n < 3) select * from r',
      ['1', '2', '3'],
    ],
    ['select * from generate_series(1, 2)', ['1', '2']],
    [
      "select relname from pg_catalog.pg_class where relname operator(pg_catalog.~) '^(sale)$' collate pg_catalog.default",
      ['sale'],
    ],
    [
      "select relname from pg_class where relkind = any(array['r', 'v']) and relname = 'sale'",
      ['sale'],
    ],
    ['select pg_catalog.current_schema(), pg_catalog.pg_get_userbyid(10)', ['public|awsuser']],
  ])('%s', async (sql, rows) => {
    expect(await run(sql)).toEqual(rows);
  });

  it('of integers has Redshift’s types in windows', async () => {
    const sql = 'select sum(id) over (), avg(id) over (), sum(amount) over () from sale';
    expect(await dialect.columns(sql)).toEqual(['sum int8', 'avg int8', 'sum numeric']);
  });
});

describe('the length of a text', () => {
  const tooLong = ['ERROR: Value too long for character type'];
  beforeEach(async () => {
    await run('drop table if exists wide');
    await run(
      "create table wide (id int identity(1, 1), a varchar(5) not null default 'x', b int)",
    );
    await run("insert into wide (a) values ('12345')");
  });

  it('holds in a column that was added, with its default', async () => {
    expect(await run("alter table wide add column note varchar(3) default 'abc'")).toEqual([]);
    expect(await run("update wide set note = 'äö'")).toEqual(tooLong);
    expect(await run('select note from wide')).toEqual(['abc']);
  });

  it('changes with the column’s type, and the rest of the table stays', async () => {
    expect(await run("insert into wide (a) values ('1234567')")).toEqual(tooLong);
    expect(await run('alter table wide alter column a type varchar(7)')).toEqual([]);
    expect(await run("insert into wide (a) values ('1234567')")).toEqual([]);
    expect(await run("insert into wide (a) values ('12345678')")).toEqual(tooLong);
    expect(await run('insert into wide (a) values (null)')).toEqual([
      'ERROR: Cannot insert a NULL value into column a',
    ]);
    await run('insert into wide (b) values (9)');
    expect(await run('select * from wide order by id')).toEqual([
      '1|12345|NULL',
      '3|1234567|NULL',
      '6|x|9',
    ]);
  });

  it('cannot become shorter than a value', async () => {
    expect(await run('alter table wide alter column a type varchar(4)')).toEqual(tooLong);
    expect(await run('select a from wide')).toEqual(['12345']);
  });

  it('stays with a column that is renamed, and goes with one that is dropped', async () => {
    await run('alter table wide rename column a to label');
    expect(await run("insert into wide (label) values ('123456')")).toEqual(tooLong);
    await run('alter table wide rename to wider');
    expect(await run("insert into wider (label) values ('123456')")).toEqual(tooLong);
    expect(await run('alter table wider drop column label')).toEqual([]);
    expect(await run('select * from wider')).toEqual(['1|NULL']);
    await run('drop table wider');
  });

  it('holds in a temporary table too', async () => {
    await run('create temp table brief (a varchar(2))');
    await run('alter table brief add column b varchar(2)');
    expect(await run("insert into brief (b) values ('abc')")).toEqual(tooLong);
    await run('drop table brief');
  });
});

describe('definitions', () => {
  it('create tables from a query', async () => {
    await run('select id, buyer into first_copy from sale where id < 3');
    await run('select * into temp table second_copy from sale');
    await run('with one as (select 1 as a) select a into #third_copy from one');
    expect(await run('select count(*) from first_copy')).toEqual(['2']);
    expect(await run('select count(*) from second_copy')).toEqual(['3']);
    expect(await run('select a from #third_copy')).toEqual(['1']);
    expect(await run('drop table first_copy, second_copy, #third_copy')).toEqual([]);
    expect(await run('select 1 from first_copy')).toEqual([
      'ERROR: relation "first_copy" does not exist',
    ]);
  });

  it('drop several tables, some of which do not exist', async () => {
    await run('create table here (a int)');
    expect(await run('drop table here, gone')).toEqual(['ERROR: relation "gone" does not exist']);
    expect(await run('select * from here')).toEqual([]);
    expect(await run('drop table if exists here, gone cascade')).toEqual([]);
    expect(await run('select * from here')).toEqual(['ERROR: relation "here" does not exist']);
  });

  it('name the database', async () => {
    await run(
      'create table "dev"."public"."named" as (with one as (select 1 as a) select a from one)',
    );
    await run(
      'create view dev.public.view_of as (select a from "dev"."public"."named") with no schema binding',
    );
    await run('alter table dev.public.named add column b varchar(3)');
    expect(await run('select * from dev.public.view_of')).toEqual(['1']);
    expect(await run('drop view if exists dev.public.view_of cascade')).toEqual([]);
    expect(await run('drop table dev.public.named')).toEqual([]);
  });

  it.each([
    'create table made distkey(id) sortkey(day) as select id, day from sale',
    'create table made (like sale)',
    'create table made (a int encode az64, b super, c timestamptz, d double precision, e char(3), primary key (a)) diststyle key distkey(a) compound sortkey(a, c)',
    'create view made as select id from public.sale with no schema binding',
  ])('%s', async (sql) => {
    expect(await run(sql)).toEqual([]);
    expect(await run(`drop ${sql.includes(' view ') ? 'view' : 'table'} made`)).toEqual([]);
  });

  it.each([
    'alter table sale owner to somebody',
    'alter table sale alter diststyle all',
    'alter table sale alter column id encode zstd',
    'alter table sale add constraint k primary key (id)',
    "set datestyle to 'ISO, MDY'",
    'analyze sale',
    'grant select on sale to public',
  ])('%s has no effect', async (sql) => {
    expect(await run(sql)).toEqual([]);
  });
});

describe('the catalog', () => {
  it.each([
    ['create view mirror as select nspname from pg_catalog.pg_namespace', 'view'],
    ['create table mirror as select nspname from "pg_catalog"."pg_namespace"', 'table'],
    ['select nspname into mirror from pg_catalog.pg_namespace', 'table'],
  ])('%s', async (sql, kind) => {
    expect(await run(sql)).toEqual([]);
    expect(await run('select nspname from mirror')).toEqual(['public']);
    expect(await run(`drop ${kind} mirror`)).toEqual([]);
  });

  it('gives rows to insert and to delete', async () => {
    await run('create table mirror (name varchar(128))');
    await run(
      "insert into mirror select tablename from pg_catalog.pg_tables where tablename = 'mirror'",
    );
    await run("insert into mirror select relname from pg_catalog.pg_class where relname = 'sale'");
    expect(await run('select name from mirror order by 1')).toEqual(['mirror', 'sale']);
    await run(
      "delete from mirror where name in (select tablename from pg_catalog.pg_tables where tablename = 'sale')",
    );
    expect(await run('select name from mirror')).toEqual(['mirror']);
    await run('drop table mirror');
  });
});

describe('a change', () => {
  it('of rows with those of another table', async () => {
    await run('create table target as select id, buyer from sale');
    await run("update target set buyer = 'x' from sale s where target.id = s.id and s.ok");
    await run('delete from target using sale where target.id = sale.id and sale.buyer is null');
    await run(
      "merge into target using sale on target.id = sale.id when matched then update set buyer = 'y' when not matched then insert values (sale.id, 'new')",
    );
    expect(await run('select * from target order by 1')).toEqual(['1|y', '2|y', '3|new']);
    await run('truncate target');
    expect(await run('select count(*) from target')).toEqual(['0']);
  });
});

describe('a new column', () => {
  it('takes its default in the rows that exist and in new ones', async () => {
    for (const batch of [true, false]) {
      await run('create table grown as select 1 as a');
      for (const definition of [
        'b timestamp default getdate()',
        "c varchar(3) default upper('x')",
        'd date default current_date',
        "e date default '2010-12-01'",
        'f int default -1 not null',
        "g varchar(4) not null default 'a' || 'b'",
        'h bool default (1 + 1 = 2)',
      ]) {
        expect(await run(`alter table grown add column ${definition}`, batch)).toEqual([]);
      }
      expect(await run('insert into grown (a) values (2)')).toEqual([]);
      expect(
        await run(
          'select a, b <= getdate(), c, d = current_date, e, f, g, h from grown order by a',
        ),
      ).toEqual(['1|true|X|true|2010-12-01|-1|ab|true', '2|true|X|true|2010-12-01|-1|ab|true']);
      expect(await run('insert into grown (a, f) values (3, null)')).toEqual([
        'ERROR: Cannot insert a NULL value into column f',
      ]);
      await run('drop table grown');
    }
  });
});

describe('SHOW', () => {
  it.each<readonly [string, readonly string[]]>([
    ['show search_path', ['$user, public']],
    ['show timezone', ['UTC']],
    ['show time zone', ['UTC']],
    ['show datestyle', ['ISO, MDY']],
    ['show server_version', ['8.0.2']],
    ['show query_group', ['unset']],
    ['show transaction isolation level', ['serializable']],
    ['show session_authorization', ['awsuser']],
    ['show databases', ['dev|100|local|NULL|NULL|Serializable']],
    ['show schemas from database dev', ['dev|public|100|local|NULL|NULL|NULL']],
    ["show tables from schema dev.public like 'sal%'", ['dev|public|sale|TABLE|NULL|NULL']],
    [
      "show columns from table dev.public.sale like 'b%'",
      ['dev|public|sale|buyer|2|NULL|YES|character varying|10|NULL|NULL'],
    ],
  ])('%s', async (sql, rows) => {
    expect(await run(sql)).toEqual(rows);
  });

  it('all parameters', async () => {
    expect(await run('show all')).toEqual(
      expect.arrayContaining(['datestyle|ISO, MDY', 'search_path|$user, public']),
    );
  });

  it('the definition of a table and of a view', async () => {
    await run('create table shown (a int not null, b varchar(5), c decimal(8, 3))');
    await run('create view seen as select a from shown');
    expect(await run('show table public.shown')).toEqual([
      'CREATE TABLE public.shown (\n    a integer NOT NULL,\n    b character varying(5),\n    c numeric(8,3)\n) DISTSTYLE AUTO;',
    ]);
    expect(await run('show view seen')).toEqual(['SELECT a FROM shown;']);
  });
});

it('no statement of the jobs is refused', () => {
  const folder = join(import.meta.dirname, '../../../../sql/warehouse');
  const files = globSync('*/*.sql', { cwd: folder });
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    const sql = readFileSync(join(folder, file), 'utf8').replaceAll(/\$\{\w+\}/g, 'x');
    for (const statement of splitStatements(tokenize(sql))) refuseUnsupported(statement);
  }
});
