/** External tables: their partitions and DDL, and a whole load from them. */
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batch, execute, query, RedshiftCloud, succeed } from './redshift-cloud.ts';

let cloud: RedshiftCloud;
let client: RedshiftDataClient;
let number = 0;
/** A table name and folder of its own for each test. */
let table: string;
let folder: string;

beforeAll(async () => {
  cloud = await RedshiftCloud.start();
  await cloud.startEndpoint();
  client = cloud.client();
  await succeed(
    client,
    `create external schema if not exists spectrum from data catalog database 'tests'
     iam_role 'arn:aws:iam::123456789012:role/spectrum' create external database if not exists`,
  );
});
afterAll(async () => {
  expect(cloud.bugs).toEqual([]);
  await cloud[Symbol.asyncDispose]();
});
beforeEach(() => {
  number += 1;
  table = `spectrum.t${number}`;
  folder = `t${number}`;
});

const serde = String.raw`row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
  with serdeproperties ('separatorChar' = ',', 'quoteChar' = '"', 'escapeChar' = '\001')`;

async function createCsv(columns: string, format = serde, properties = ''): Promise<void> {
  await succeed(
    client,
    `create external table ${table} (${columns}) partitioned by (ds date) ${format}
     stored as textfile location '${cloud.address(`${folder}/`)}' ${properties}`,
  );
}

const addPartition = (ds: string, at = ds) =>
  succeed(
    client,
    `alter table ${table} add if not exists partition (ds = '${ds}') location '${cloud.address(`${folder}/${at}/`)}'`,
  );

describe('partitions', () => {
  it('keep their location when added again, and move by SET LOCATION', async () => {
    await createCsv('id varchar(10)');
    await cloud.put(`${folder}/r1/a.csv`, 'first\n');
    await cloud.put(`${folder}/r2/a.csv`, 'second\n');
    await addPartition('2010-12-01', 'r1');
    await addPartition('2010-12-01', 'r2');
    expect(await query(client, `select id from ${table}`)).toEqual([['first']]);
    const location = cloud.address(`${folder}/r2/`);
    await succeed(
      client,
      `alter table ${table} partition (ds = '2010-12-01') set location '${location}'`,
    );
    expect(await query(client, `select id from ${table}`)).toEqual([['second']]);
    const known = `select "values", location from svv_external_partitions where tablename = '${folder}'`;
    expect(await query(client, known)).toEqual([['["2010-12-01"]', location]]);
    await succeed(client, `alter table ${table} drop partition (ds = '2010-12-01')`);
    expect(await query(client, `select count(*) from ${table}`)).toEqual([[0]]);
  });

  it('without objects have no rows', async () => {
    await createCsv('id varchar(10)');
    await addPartition('2010-12-01');
    expect(await query(client, `select count(*), max(id) from ${table}`)).toEqual([[0, null]]);
  });

  it('that a statement rules out are neither listed nor fetched', async () => {
    await createCsv('id varchar(10)');
    await addPartition('2010-12-01');
    await succeed(
      client,
      `alter table ${table} add partition (ds = '2010-12-02') location 's3://no-such-bucket/day/'`,
    );
    await cloud.put(`${folder}/2010-12-01/a.csv`, 'only this\n');
    const one = `select id from ${table} where ds = cast(:ds as date)`;
    expect(await query(client, one, { ds: '2010-12-01' })).toEqual([['only this']]);
    expect((await execute(client, one, { ds: '2010-12-02' })).Error).toContain('NoSuchBucket');
    expect((await execute(client, `select id from ${table}`)).Error).toContain(
      'Spectrum Scan Error',
    );
  });
});

describe('external DDL', () => {
  it('cannot run in a transaction, but in AUTO_COMMIT', async () => {
    await createCsv('id varchar(10)');
    const add = `alter table ${table} add partition (ds = '2010-12-01') location '${cloud.address('x/')}'`;
    const together = await batch(client, [add]);
    expect(together.Error).toContain('ALTER EXTERNAL TABLE cannot run inside a transaction block');
    const apart = await batch(
      client,
      [add, `drop table ${table}`],
      {},
      { ExecutionMode: 'AUTO_COMMIT' },
    );
    expect(apart.Status).toBe('FINISHED');
    expect((await execute(client, `select * from ${table}`)).Error).toContain('does not exist');
  });

  it('reports what exists and what does not', async () => {
    await createCsv('id varchar(10)');
    const create = `create external table ${table} (id int) stored as parquet location 's3://b/x/'`;
    expect((await execute(client, create)).Error).toBe(
      `ERROR: Relation "${folder}" already exists`,
    );
    const move = `alter table ${table} partition (ds = '2010-12-01') set location 's3://b/x/'`;
    expect((await execute(client, move)).Error).toBe('ERROR: Partition does not exist.');
    const wrong = `alter table ${table} add partition (day = '2010-12-01') location 's3://b/x/'`;
    expect((await execute(client, wrong)).Error).toContain('are (ds)');
    const insert = `insert into ${table} values ('x')`;
    expect((await execute(client, insert)).Error).toContain('external table');
  });

  it('leaves the tables in the data catalog when the schema goes', async () => {
    const schema = (name: string) =>
      succeed(
        client,
        `create external schema ${name} from data catalog database 'shared' iam_role default`,
      );
    await schema('one');
    await succeed(
      client,
      `create external table one.kept (id varchar(5)) stored as parquet location '${cloud.address('kept/')}'`,
    );
    await succeed(client, 'drop schema one');
    await schema('two');
    expect(await query(client, 'select count(*) from two.kept')).toEqual([[0]]);
    await succeed(client, 'drop schema two drop external database');
    await schema('three');
    expect((await execute(client, 'select * from three.kept')).Error).toContain('does not exist');
  });
});

it('a whole load: lock, slices, delete, insert, audits, in one transaction', async () => {
  await createCsv('customer varchar(10), quantity varchar(10), price varchar(10)');
  await addPartition('2010-12-01');
  await cloud.put(`${folder}/2010-12-01/a.csv`, '"7",6,2.55\n7,2,"1.5"\n8,1,3\n,5,1\n');
  await succeed(client, 'create table spend_lock (a int)');
  await succeed(
    client,
    'create table spend (customer int not null, amount decimal(18, 5), ds date) distkey(customer) sortkey(ds)',
  );
  const load = (rows: string) =>
    batch(
      client,
      [
        '-- first of all\nlock public.spend_lock;',
        'create temp table day (customer int, n bigint, amount decimal(18, 5)) distkey (customer)',
        `insert into day
         select cast(nullif(customer, '') as integer), count(*),
           cast(sum(cast(quantity as integer) * cast(price as decimal(8, 3))) as decimal(18, 5))
         from ${table} where ds = cast(:ds as date) group by 1`,
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
  expect(await query(client, slice)).toEqual(expected);
  expect((await load('4')).Status).toBe('FINISHED');
  expect(await query(client, slice)).toEqual(expected);
  const failed = await load('5');
  expect(failed.Error).toContain('rows differ');
  expect(await query(client, slice)).toEqual(expected);
});
