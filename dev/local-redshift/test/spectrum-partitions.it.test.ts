/** External tables: their partitions and DDL, and a whole load from them. */
import { describe, expect, it } from 'vitest';
import { batch, execute, query, succeed } from './cloud.ts';
import { useSpectrum } from './suite.ts';

const spectrum = useSpectrum();

describe('partitions', () => {
  it('keep their location when added again; SET LOCATION changes it', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.cloud.put(`${spectrum.folder}/r1/a.csv`, 'first\n');
    await spectrum.cloud.put(`${spectrum.folder}/r2/a.csv`, 'second\n');
    await spectrum.addPartition('2010-12-01', 'r1');
    await spectrum.addPartition('2010-12-01', 'r2');
    expect(await query(spectrum.client, `select id from ${spectrum.table}`)).toEqual([['first']]);
    const location = spectrum.cloud.address(`${spectrum.folder}/r2/`);
    await succeed(
      spectrum.client,
      `alter table ${spectrum.table} partition (ds = '2010-12-01') set location '${location}'`,
    );
    expect(await query(spectrum.client, `select id from ${spectrum.table}`)).toEqual([['second']]);
    const known = `select "values", location from svv_external_partitions where tablename = '${spectrum.folder}'`;
    expect(await query(spectrum.client, known)).toEqual([['["2010-12-01"]', location]]);
    await succeed(
      spectrum.client,
      `alter table ${spectrum.table} drop partition (ds = '2010-12-01')`,
    );
    expect(await query(spectrum.client, `select count(*) from ${spectrum.table}`)).toEqual([[0]]);
  });

  it('without objects have no rows', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    expect(await query(spectrum.client, `select count(*), max(id) from ${spectrum.table}`)).toEqual(
      [[0, null]],
    );
  });

  it('of every documented type select their rows', async () => {
    const types = 'a smallint, b integer, c bigint, d decimal(6, 2), e real, f double precision';
    await succeed(
      spectrum.client,
      `create external table ${spectrum.table} (id varchar(10))
       partitioned by (${types}, g boolean, h char(2), i varchar(9), j date, k timestamp)
       stored as textfile location '${spectrum.cloud.address(`${spectrum.folder}/`)}'`,
    );
    const values = `a='1', b=2, c='3', d='4.50', e='5.5', f='6.5', g='true', h='hh', i='It', j='2010-12-01', k='2010-12-01 08:26:00'`;
    const location = spectrum.cloud.address(`${spectrum.folder}/all/`);
    await spectrum.cloud.put(`${spectrum.folder}/all/a.csv`, 'x\n');
    await succeed(
      spectrum.client,
      `alter table ${spectrum.table} add partition (${values}) location '${location}'`,
    );
    const read = await query(
      spectrum.client,
      `select * from ${spectrum.table} where a = 1 and d = 4.5 and g and i = 'It' and j = '2010-12-01'`,
    );
    expect(read).toEqual([
      ['x', 1, 2, 3, '4.50', 5.5, 6.5, true, 'hh', 'It', '2010-12-01', '2010-12-01 08:26:00'],
    ]);
    const none = `select * from ${spectrum.table} where i = 'it'`;
    expect(await query(spectrum.client, none)).toEqual([]);
  });

  it('are added once, all of a statement or none', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    const partition = (ds: string) =>
      `partition (ds = '${ds}') location '${spectrum.cloud.address(`${spectrum.folder}/${ds}/`)}'`;
    const add = (clause: string) => `alter table ${spectrum.table} add ${clause}`;
    const known = `select count(*) from svv_external_partitions where tablename = '${spectrum.folder}'`;
    const again = add(`${partition('2010-12-02')} ${partition('2010-12-01')}`);
    expect((await execute(spectrum.client, again)).Error).toBe('ERROR: Partition already exists.');
    expect(await query(spectrum.client, known)).toEqual([[1]]);
    await succeed(
      spectrum.client,
      add(`if not exists ${partition('2010-12-02')}, ${partition('2010-12-01')}`),
    );
    expect(await query(spectrum.client, known)).toEqual([[2]]);
    const drop = `alter table ${spectrum.table} drop partition (ds = '2010-12-03')`;
    expect((await execute(spectrum.client, drop)).Error).toBe('ERROR: Partition does not exist.');
  });

  it('that a statement excludes are neither listed nor fetched', async () => {
    await spectrum.createCsv('id varchar(10)');
    await spectrum.addPartition('2010-12-01');
    await succeed(
      spectrum.client,
      `alter table ${spectrum.table} add partition (ds = '2010-12-02') location 's3://no-such-bucket/day/'`,
    );
    await spectrum.cloud.put(`${spectrum.folder}/2010-12-01/a.csv`, 'only this\n');
    const one = `select id from ${spectrum.table} where ds = cast(:ds as date)`;
    expect(await query(spectrum.client, one, { ds: '2010-12-01' })).toEqual([['only this']]);
    expect((await execute(spectrum.client, one, { ds: '2010-12-02' })).Error).toContain(
      'NoSuchBucket',
    );
    expect((await execute(spectrum.client, `select id from ${spectrum.table}`)).Error).toContain(
      'Spectrum Scan Error',
    );
  });
});

describe('external DDL', () => {
  it('runs in AUTO_COMMIT, but not in a transaction', async () => {
    await spectrum.createCsv('id varchar(10)');
    const add = `alter table ${spectrum.table} add partition (ds = '2010-12-01') location '${spectrum.cloud.address('x/')}'`;
    const together = await batch(spectrum.client, [add]);
    expect(together.Error).toContain('ALTER EXTERNAL TABLE cannot run inside a transaction block');
    const apart = await batch(
      spectrum.client,
      [add, `drop table ${spectrum.table}`],
      {},
      { ExecutionMode: 'AUTO_COMMIT' },
    );
    expect(apart.Status).toBe('FINISHED');
    expect((await execute(spectrum.client, `select * from ${spectrum.table}`)).Error).toContain(
      'does not exist',
    );
  });

  it('reports what already exists and what does not exist', async () => {
    await spectrum.createCsv('id varchar(10)');
    const create = `create external table ${spectrum.table} (id int) stored as parquet location 's3://b/x/'`;
    expect((await execute(spectrum.client, create)).Error).toBe(
      `ERROR: Relation "${spectrum.folder}" already exists`,
    );
    const move = `alter table ${spectrum.table} partition (ds = '2010-12-01') set location 's3://b/x/'`;
    expect((await execute(spectrum.client, move)).Error).toBe('ERROR: Partition does not exist.');
    const wrong = `alter table ${spectrum.table} add partition (day = '2010-12-01') location 's3://b/x/'`;
    expect((await execute(spectrum.client, wrong)).Error).toContain('are (ds)');
    const insert = `insert into ${spectrum.table} values ('x')`;
    expect((await execute(spectrum.client, insert)).Error).toContain('external table');
  });

  it('keeps the tables in the data catalog when the schema is dropped', async () => {
    const schema = (name: string) =>
      succeed(
        spectrum.client,
        `create external schema ${name} from data catalog database 'shared' iam_role default`,
      );
    await schema('one');
    await succeed(
      spectrum.client,
      `create external table one.kept (id varchar(5)) stored as parquet location '${spectrum.cloud.address('kept/')}'`,
    );
    await succeed(spectrum.client, 'drop schema one');
    await schema('two');
    expect(await query(spectrum.client, 'select count(*) from two.kept')).toEqual([[0]]);
    await succeed(spectrum.client, 'drop schema two drop external database');
    await schema('three');
    expect((await execute(spectrum.client, 'select * from three.kept')).Error).toContain(
      'does not exist',
    );
  });
});

it('a whole load: lock, slices, delete, insert, audits, in one transaction', async () => {
  await spectrum.createCsv('customer varchar(10), quantity varchar(10), price varchar(10)');
  await spectrum.addPartition('2010-12-01');
  await spectrum.cloud.put(
    `${spectrum.folder}/2010-12-01/a.csv`,
    '"7",6,2.55\n7,2,"1.5"\n8,1,3\n,5,1\n',
  );
  await succeed(spectrum.client, 'create table spend_lock (a int)');
  await succeed(
    spectrum.client,
    'create table spend (customer int not null, amount decimal(18, 5), ds date) distkey(customer) sortkey(ds)',
  );
  const load = (rows: string) =>
    batch(
      spectrum.client,
      [
        '-- first of all\nlock public.spend_lock;',
        'create temp table day (customer int, n bigint, amount decimal(18, 5)) distkey (customer)',
        `insert into day
         select cast(nullif(customer, '') as integer), count(*),
           cast(sum(cast(quantity as integer) * cast(price as decimal(8, 3))) as decimal(18, 5))
         from ${spectrum.table} where ds = cast(:ds as date) group by 1`,
        `select cast(case when sum(n) = cast(:rows as bigint) then '0' else 'rows differ' end as integer) from day`,
        'delete from public.spend where ds = cast(:ds as date)',
        'insert into public.spend (customer, amount, ds) select customer, amount, cast(:ds as date) from day where customer is not null',
      ],
      { ds: '2010-12-01', rows },
    );
  const slice = 'select customer, amount, ds from spend order by 1';
  const expected = [
    [7, '18.30000', '2010-12-01'],
    [8, '3.00000', '2010-12-01'],
  ];
  expect((await load('4')).Status).toBe('FINISHED');
  expect(await query(spectrum.client, slice)).toEqual(expected);
  expect((await load('4')).Status).toBe('FINISHED');
  expect(await query(spectrum.client, slice)).toEqual(expected);
  const failed = await load('5');
  expect(failed.Error).toContain('rows differ');
  expect(await query(spectrum.client, slice)).toEqual(expected);
});
