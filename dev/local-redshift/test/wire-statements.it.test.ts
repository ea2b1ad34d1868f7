import { Client, type QueryConfig } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { clientsOf, failureOf, rowsOf } from './connection.ts';
import { succeed } from './cloud.ts';
import { useRedshift } from './suite.ts';

const suite = useRedshift();
const { connect, closeAll } = clientsOf(suite);
afterEach(closeAll);

describe('a prepared statement', () => {
  it('takes values of each kind, whatever is in them', async () => {
    const client = await connect();
    await client.query(
      'create table kinds (a int, b varchar(60), c decimal(10, 2), d date, e timestamp, f boolean)',
    );
    const values = [
      -7,
      `it's; drop table "kinds" -- \\ $1`,
      '-1.50',
      '2020-02-29',
      '2020-01-01 10:00:00',
      true,
    ];
    const insert = 'insert into kinds values ($1, $2, $3, $4, $5, $6)';
    expect((await client.query(insert, values)).rowCount).toBe(1);
    await client.query(insert, [8, null, null, null, null, null]);
    const found = 'select a, b, c, d::varchar, e::varchar, f from kinds where a = $1 and c <= $2';
    expect(await rowsOf(client, found, [-7, -1.5])).toEqual([values]);
    expect(
      await rowsOf(client, 'select a from kinds where b is null and a > $1 limit $2', [0, 1]),
    ).toEqual([[8]]);
  });

  it('is prepared once and run with other values', async () => {
    const client = await connect();
    const named: QueryConfig = { name: 'double', text: 'select $1::int * 2 as twice' };
    const twice = async (value: number) =>
      (await client.query<{ twice: number }>({ ...named, values: [value] })).rows[0]?.twice;
    expect([await twice(2), await twice(21)]).toEqual([4, 42]);
    const failure = failureOf(client.query({ ...named, values: [] }));
    expect(await failure).toEqual({ code: '42P02', message: 'there is no parameter $1' });
  });

  it('is a single statement, and may be empty', async () => {
    const client = await connect();
    const two = client.query({ text: 'select 1; select $1', values: [1] });
    expect(await failureOf(two)).toMatchObject({ code: '42601' });
    expect((await client.query({ text: ' -- nothing', values: [] })).rows).toEqual([]);
    expect((await client.query('')).rows).toEqual([]);
    expect(await failureOf(client.query('select :a'))).toMatchObject({ code: '42601' });
  });

  it('adds a column with a default, also within a transaction', async () => {
    const client = await connect();
    await client.query('create table grown as select 1 as a');
    await client.query('alter table grown add column b timestamp default getdate()');
    await client.query('begin');
    const text = "alter table grown add column c varchar(3) not null default upper('x')";
    expect((await client.query({ text, values: [] })).command).toBe('ALTER');
    await client.query('insert into grown (a) values (2)');
    await client.query('commit');
    expect(await rowsOf(client, 'select a, b <= getdate(), c from grown order by a')).toEqual([
      [1, true, 'X'],
      [2, true, 'X'],
    ]);
  });

  it('is skipped after an error until the client synchronises', async () => {
    const client = await connect();
    await client.query('create table skipped (a int)');
    await failureOf(client.query({ text: 'insert into skipped select nope', values: [] }));
    await client.query({ text: 'insert into skipped values ($1)', values: [1] });
    expect(await rowsOf(client, 'select a from skipped')).toEqual([[1]]);
  });

  it('returns its rows in portions, if the client asks for some at a time', async () => {
    const client = await connect();
    await client.query(
      'create table portions as select 1 as a union all select 2 union all select 3',
    );
    const config = { text: 'select a from portions order by a', rows: 2 } as QueryConfig;
    expect((await client.query(config)).rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });
});

describe('a result', () => {
  const everyType = `select true as a, 1::smallint as b, 2 as c, 3::bigint as d, 2.5::float8 as f,
    -12345.6700::decimal(12, 4) as g, 'text' as h, date '2020-02-29' as i, timestamp '1999-12-31 23:59:59.5' as j,
    null::varchar as k, 0.00::decimal(4, 2) as l, 100000::decimal(6, 0) as m`;

  it('has the types of Redshift, as text and in binary', async () => {
    const client = await connect();
    const text = await client.query(everyType);
    expect(text.fields.map(({ dataTypeID }) => dataTypeID)).toEqual([
      16, 21, 23, 20, 701, 1700, 1043, 1082, 1114, 1043, 1700, 1700,
    ]);
    const values = {
      a: true,
      b: 1,
      c: 2,
      d: '3',
      f: 2.5,
      g: '-12345.6700',
      h: 'text',
      k: null,
      l: '0.00',
      m: '100000',
    };
    expect(text.rows[0]).toMatchObject(values);
    const binary = await client.query({
      text: everyType,
      binary: true,
      queryMode: 'extended',
    } as QueryConfig);
    // This client reads binary values as UTF-8, and makes numbers of numerics.
    expect(binary.rows[0]).toMatchObject({ ...values, g: -12345.67, l: 0, m: 100_000 });
    const bound = { text: 'select $1::int as a, $2 as b', values: [5, 'x'], binary: true };
    expect((await client.query(bound as QueryConfig)).rows).toEqual([{ a: 5, b: 'x' }]);
  });

  it('of 100,000 rows arrives whole, while other clients are served', async () => {
    const client = await connect();
    await client.query('create table many as select 0 as n');
    for (let doubling = 0; doubling < 17; doubling += 1) {
      await client.query('insert into many select n + 1 from many');
    }
    const slow = client.query('select n, n || repeat($1, 200) as text from many limit 100000', [
      'x',
    ]);
    client.connection.stream.pause();
    await succeed(suite.client, 'select count(*) from many');
    expect(await rowsOf(await connect(), 'select 1')).toEqual([[1]]);
    client.connection.stream.resume();
    expect((await slow).rows).toHaveLength(100_000);
  });
});

describe('the catalog', () => {
  const prepare = async (client: Client) => {
    await client.query(`create schema if not exists shop`);
    await client.query(
      'create table if not exists shop.item (id int not null, name varchar(20), price decimal(8, 2) default 0)',
    );
    await client.query('create or replace view shop.cheap as select id, price from shop.item');
  };

  it('lists tables and views as psql asks for them', async () => {
    const client = await connect();
    await prepare(client);
    const list = `select n.nspname as "Schema", c.relname as "Name", case c.relkind when 'r' then 'table'
        when 'v' then 'view' end as "Type", pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
      from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'v', '') and n.nspname <> 'pg_catalog' and n.nspname !~ '^pg_toast'
        and n.nspname operator(pg_catalog.~) '^(shop)$' collate pg_catalog.default
      order by 1, 2`;
    expect(await rowsOf(client, list)).toEqual([
      ['shop', 'cheap', 'view', 'awsuser'],
      ['shop', 'item', 'table', 'awsuser'],
    ]);
  });

  it('describes the columns of a table as psql asks for them', async () => {
    const client = await connect();
    await prepare(client);
    const columns = `select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
        (select pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) from pg_catalog.pg_attrdef d
          where d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef), ''::pg_catalog.char
      from pg_catalog.pg_attribute a where a.attnum > 0 and not a.attisdropped and a.attrelid =
        (select oid from pg_catalog.pg_class where relname = 'item')
      order by a.attnum`;
    expect(await rowsOf(client, columns)).toEqual([
      ['id', 'integer', true, null, ''],
      ['name', 'character varying(20)', false, null, ''],
      ['price', 'numeric(8,2)', false, '0', ''],
    ]);
  });

  it('has types, users, databases and the tables of information_schema', async () => {
    const client = await connect();
    await prepare(client);
    expect(
      await rowsOf(client, 'select typname from pg_type where oid in (23, 1043) order by 1'),
    ).toEqual([['int4'], ['varchar']]);
    expect(await rowsOf(client, 'select usename from pg_user')).toEqual([['awsuser']]);
    expect(await rowsOf(client, 'select datname from pg_database')).toEqual([['dev']]);
    const tables =
      "select table_name from information_schema.tables where table_schema = 'shop' order by 1";
    expect(await rowsOf(client, tables)).toEqual([['cheap'], ['item']]);
    const types = `select t.typname from pg_attribute a join pg_type t on t.oid = a.atttypid
      join pg_class c on c.oid = a.attrelid where c.relname = 'item' and a.attname ~ 'am'`;
    expect(await rowsOf(client, types)).toEqual([['varchar']]);
  });

  it('has late-binding views and the process number, for which drivers and dbt ask', async () => {
    const client = await connect();
    const late = `select c.view_name from pg_get_late_binding_view_cols() c(view_schema name, view_name name,
      col_name name, col_type varchar, col_num int)`;
    expect(await rowsOf(client, late)).toEqual([]);
    const { processID } = client as unknown as { processID: number };
    expect(await rowsOf(client, 'select pg_backend_pid()')).toEqual([[processID]]);
  });

  it('lets dbt exchange a view: rename, then drop the old one with what depends on it', async () => {
    const client = await connect();
    await prepare(client);
    await client.query('alter table "shop"."cheap" rename to "dear"');
    await client.query('drop view if exists "shop"."dear" cascade');
    const views = "select viewname from pg_views where schemaname = 'shop'";
    expect(await rowsOf(client, views)).toEqual([]);
  });
});
