/** The logins of the source database, and what each of them may do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startLocalCloud } from '../src/local-cloud.ts';
import { scratchFolder } from './scratch.ts';
import { sql } from './source-database.ts';

const folder = await scratchFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const start = (name: string, asSuperuser = false) =>
  startLocalCloud({
    ...{ stateDir: join(folder.path, name), services: ['postgres'], ports: {}, asSuperuser },
  });
const urlOf = ({ env }: { readonly env: Readonly<Record<string, string>> }) =>
  env['SOURCE_DATABASE_URL'];

it('that of the environment file owns the database, and runs no programs', async () => {
  await using cloud = await start('rights');
  const url = urlOf(cloud);
  await sql(url, 'create schema retail; create table retail.t (a text)');
  await sql(url, 'alter table retail.t add b int; truncate retail.t; drop table retail.t');
  await sql(url, 'create table t (a text)');
  await expect(sql(url, `copy t from program 'id'`)).rejects.toThrow('permission denied');
  await expect(sql(url, `select pg_read_file('/etc/passwd')`)).rejects.toThrow('permission denied');
  await expect(sql(url, 'alter role shop superuser')).rejects.toThrow('permission denied');
});

it('of an earlier start are of no use', async () => {
  const before: (string | undefined)[] = [];
  for (const asSuperuser of [false, true]) {
    await using cloud = await start('renewed', asSuperuser);
    before.push(urlOf(cloud));
    expect(await sql(urlOf(cloud), 'select 1 as one')).toEqual([{ one: 1 }]);
  }
  await using cloud = await start('renewed');
  for (const url of before) {
    const again = Object.assign(new URL(url ?? ''), { port: new URL(urlOf(cloud) ?? '').port });
    await expect(sql(again.href, 'select 1')).rejects.toThrow('password authentication failed');
  }
});

it('the owner gets what an older release made as the superuser', async () => {
  {
    await using cloud = await start('older', true);
    const url = urlOf(cloud);
    await sql(url, 'alter database retail owner to postgres; drop role shop');
    await sql(
      url,
      `create schema retail;
       create role analyst;
       create type retail.size as enum ('S');
       create table retail.parts (n serial, i int generated always as identity, size retail.size)
         partition by range (n);
       create table retail.part partition of retail.parts for values from (1) to (9);
       create materialized view retail.sums as select count(*) from retail.part;
       create view retail."A view" as select * from retail.parts;
       create sequence retail.numbers;
       create function retail.one(int) returns int language sql as 'select 1';
       create aggregate retail.total(int) (sfunc = int4pl, stype = int);
       create table public.notes as select 42 as answer;
       create table retail.of_analyst (); alter table retail.of_analyst owner to analyst`,
    );
  }
  const path = join(folder.path, 'older/state.json');
  const state = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...state, ownerPassword: undefined }));
  await using cloud = await start('older');
  const owners = await sql(
    urlOf(cloud),
    `select pg_get_userbyid(owner) as owner, count(*)::int as objects, min(name) as first
     from (
       select relowner, relname, relnamespace from pg_class where relkind not in ('i', 'I')
       union all select proowner, proname, pronamespace from pg_proc
       union all select typowner, typname, typnamespace from pg_type
       union all select nspowner, nspname, oid from pg_namespace where nspname = 'retail'
     ) as object (owner, name, namespace)
     where namespace in ('retail'::regnamespace, 'public'::regnamespace)
     group by 1 order by 1`,
  );
  expect(owners).toEqual([
    // The table, and both types of its rows.
    { owner: 'analyst', objects: 3, first: '_of_analyst' },
    { owner: 'shop', objects: expect.any(Number) as number, first: 'A view' },
  ]);
  expect(await sql(urlOf(cloud), 'select answer from notes')).toEqual([{ answer: 42 }]);
  await sql(urlOf(cloud), 'drop schema retail cascade');
});

it('an operator of the owner does not run as the superuser at the next start', async () => {
  {
    await using cloud = await start('operator');
    await sql(
      urlOf(cloud),
      `create function steal(oid, integer) returns boolean language plpgsql
         as $$ begin execute 'alter role shop superuser'; return false; end $$;
       create operator = (leftarg = oid, rightarg = integer, function = steal)`,
    );
  }
  await using cloud = await start('operator');
  const superusers = await sql(urlOf(cloud), 'select rolname from pg_roles where rolsuper');
  expect(superusers).toEqual([{ rolname: 'postgres' }]);
});
