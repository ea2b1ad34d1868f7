import { connect as openSocket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { startLocalCloud, type LocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { afterEach, describe, expect, it } from 'vitest';
import { clientsOf, failureOf, rowsOf } from './connection.ts';
import { execute, query, succeed } from './cloud.ts';
import { useRedshift } from './suite.ts';

const suite = useRedshift();
const { connect, closeAll } = clientsOf(suite);
afterEach(closeAll);

describe('a connection', () => {
  it('needs the user, the password and the database', async () => {
    expect(await failureOf(connect({ password: 'guess' }))).toEqual({
      code: '28000',
      message: 'password authentication failed for user "awsuser"',
    });
    expect(await failureOf(connect({ user: 'guest' }))).toMatchObject({ code: '28000' });
    expect(await failureOf(connect({ database: 'prod' }))).toEqual({
      code: '3D000',
      message: 'database "prod" does not exist',
    });
  });

  it('is as a connection to Redshift: version, settings, user, no TLS', async () => {
    const client = await connect();
    expect(await rowsOf(client, 'show server_version')).toEqual([['8.0.2']]);
    expect(await rowsOf(client, 'select version()')).toEqual([
      [expect.stringMatching(/^PostgreSQL 8\.0\.2 .*Redshift 1\.0/)],
    ]);
    const withTls = new Client({ connectionString: suite.cloud.wireUrl, ssl: true });
    expect(await failureOf(withTls.connect())).toMatchObject({
      message: 'The server does not support SSL connections',
    });
  });

  it('that is not of this protocol is closed, and the others are served', async () => {
    const socket = openSocket(Number(new URL(suite.cloud.wireUrl).port), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(await rowsOf(await connect(), 'select 1')).toEqual([[1]]);
  });

  it('accepts the settings of Redshift and of its clients, and shows them', async () => {
    const client = await connect();
    for (const statement of [
      "set query_group to 'nightly'",
      'set enable_case_sensitive_identifier to false',
      'set statement_timeout = 60000',
      "set client_encoding to 'UTF8'",
      'set extra_float_digits = 3',
      'set session characteristics as transaction isolation level serializable',
      'reset statement_timeout',
      'reset all',
    ]) {
      await client.query(statement);
    }
    await client.query("set query_group to 'again'");
    expect(await rowsOf(client, 'show query_group')).toEqual([['again']]);
    await client.query("set timezone to 'Europe/Berlin'");
    expect(await rowsOf(client, 'show time zone')).toEqual([['Europe/Berlin']]);
    expect(await rowsOf(client, 'show all')).toEqual(
      expect.arrayContaining([
        ['query_group', 'again'],
        ['standard_conforming_strings', 'off'],
        ['timezone', 'Europe/Berlin'],
      ]),
    );
    expect(await failureOf(client.query('show constructor'))).toMatchObject({
      message: 'unrecognized configuration parameter "constructor"',
    });
    expect(await failureOf(client.query("set client_encoding to 'LATIN1'"))).toMatchObject({
      code: '0A000',
    });
  });

  it('begins with the settings that the client asks for, or is refused', async () => {
    const admin = await connect();
    await admin.query('create schema begun');
    await admin.query('create table begun.only_there as select 5 as a');
    const client = await connect({
      options: '-c search_path=nosuch,begun --datestyle=ISO,DMY -c statement_timeout=100',
      application_name: 'nightly',
    });
    expect(await rowsOf(client, 'select a from only_there')).toEqual([[5]]);
    expect(await rowsOf(client, 'show search_path')).toEqual([['nosuch, begun']]);
    expect(await rowsOf(client, 'show statement_timeout')).toEqual([['100']]);
    expect(await rowsOf(client, 'show application_name')).toEqual([['nightly']]);
    for (const reset of ['reset search_path', 'reset all', 'set search_path to default']) {
      await client.query('set search_path to public');
      expect(await failureOf(client.query('select a from only_there'))).toMatchObject({
        code: '42P01',
      });
      await client.query(reset);
      expect(await rowsOf(client, 'select a from only_there')).toEqual([[5]]);
      expect(await rowsOf(client, 'show search_path')).toEqual([['nosuch, begun']]);
    }
    // What psql asks for where no locale is set.
    const ascii = await connect({ options: '-c client_encoding=SQL_ASCII' });
    expect(await rowsOf(ascii, 'show client_encoding')).toEqual([['UTF8']]);
    expect(await failureOf(connect({ options: '-c client_encoding=LATIN1' }))).toMatchObject({
      code: '0A000',
    });
    expect(await failureOf(connect({ options: '-B 5' }))).toEqual({
      code: '42601',
      message: 'invalid command-line argument for server process: -B',
    });
    expect(await rowsOf(await connect(), 'show search_path')).toEqual([['$user, public']]);
  });

  it('finds tables by its search path', async () => {
    const client = await connect();
    await client.query('create schema marts');
    await client.query('create table marts.only_here as select 7 as a');
    expect(await failureOf(client.query('select a from only_here'))).toMatchObject({
      code: '42P01',
    });
    await client.query('set search_path to marts, nowhere');
    expect(await rowsOf(client, 'select a from only_here')).toEqual([[7]]);
    await client.query('reset search_path');
    expect(await failureOf(client.query('select a from only_here'))).toMatchObject({
      code: '42P01',
    });
  });
});

describe('the warehouse behind it', () => {
  it('is that of the Data API: each sees what the other has written', async () => {
    const client = await connect();
    await succeed(suite.client, 'create table seen (a int, b varchar(10))');
    await succeed(suite.client, "insert into seen values (1, 'api')");
    expect((await client.query("insert into seen values (2, 'psql'), (3, 'psql')")).rowCount).toBe(
      2,
    );
    expect(await query(suite.client, 'select a, b from seen order by a')).toEqual([
      [1, 'api'],
      [2, 'psql'],
      [3, 'psql'],
    ]);
    expect(await rowsOf(client, 'select count(*) from seen')).toEqual([['3']]);
  });

  it('has its external tables', async () => {
    const client = await connect();
    await client.query(`create external schema lake from data catalog database 'lake'
      iam_role 'arn:aws:iam::123456789012:role/spectrum' create external database if not exists`);
    await suite.cloud.put('lake/a/one.csv', '1,x\n2,y\n');
    await client.query(`create external table lake.t (a int, b varchar(5)) row format delimited
      fields terminated by ',' stored as textfile location '${suite.cloud.address('lake/a/')}'`);
    expect(await rowsOf(client, 'select a, b from lake.t where a > $1', [1])).toEqual([[2, 'y']]);
    expect(await query(suite.client, 'select sum(a) from lake.t')).toEqual([[3]]);
    await client.query('begin');
    expect(await failureOf(client.query('drop table lake.t'))).toMatchObject({ code: '25001' });
  });

  it.each([
    ['selec 1', '42601', /^syntax error/],
    ['select $1', '42P02', /^there is no parameter \$1$/],
    ["select 'open", '42601', /^unterminated quoted string/],
    ['select a from nope', '42P01', /^relation "nope" does not exist$/],
    ['select nope from pg_user', '42703', /^column "nope" does not exist$/],
    ['select nope(1)', '42883', /^function nope/],
    ['create table absent.t (a int)', '3F000', /^schema "absent" does not exist$/],
    ['create schema public', '42P07', /already exists/],
    ["select 'x'::int", 'XX000', /^Invalid digit, Value 'x'/],
    ["select '2020-02-31'::date", '22008', /out of range/],
    [
      "copy t from 's3://b/k' iam_role 'r'",
      '0A000',
      /^COPY is not supported by this local warehouse$/,
    ],
    ['prepare p as select 1', '0A000', /^PREPARE is not supported by this local warehouse$/],
    ['create database foo', '0A000', /^CREATE DATABASE is not supported by this local warehouse$/],
    ["unload ('select 1') to 's3://b/k' iam_role 'r'", '0A000', /^UNLOAD is not supported/],
  ])('refuses %s with %s', async (sql, code, message) => {
    const failure = await failureOf((await connect()).query(sql));
    expect(failure).toEqual({
      code,
      message: expect.stringMatching(message) as string,
    });
    const { Error: text = '' } = await execute(suite.client, sql);
    expect(text.split('\n')[0]).toBe(`ERROR: ${failure.message}`);
  });

  it('says which column may not be null, and gives the detail of a compute error', async () => {
    const client = await connect();
    await client.query('create table strict (a int not null, b varchar(3))');
    expect(await failureOf(client.query('insert into strict (a) values (null)'))).toMatchObject({
      code: '23502',
    });
    const failure = client.query("insert into strict values (1, 'long')");
    await expect(failure).rejects.toMatchObject({
      detail: 'Value too long for type character varying(3)',
    });
  });
});

describe('a transaction', () => {
  it('is seen by others when it is committed', async () => {
    const [one, other] = [await connect(), await connect()];
    await one.query('create table tx (a int)');
    await one.query('begin');
    await one.query('insert into tx values (1)');
    expect(await rowsOf(one, 'select a from tx')).toEqual([[1]]);
    expect(await rowsOf(other, 'select a from tx')).toEqual([]);
    expect(await query(suite.client, 'select a from tx')).toEqual([]);
    await one.query('commit');
    expect(await rowsOf(other, 'select a from tx')).toEqual([[1]]);
  });

  it('fails with its statement, and accepts only its end', async () => {
    const client = await connect();
    await client.query('create table failed (a int)');
    await client.query('begin');
    await client.query('insert into failed values (1)');
    expect(await failureOf(client.query('select nope from failed'))).toMatchObject({
      code: '42703',
    });
    expect(await failureOf(client.query('select 1'))).toMatchObject({ code: '25P02' });
    expect(await failureOf(client.query('select $1', [1]))).toMatchObject({ code: '25P02' });
    expect((await client.query('commit')).command).toBe('ROLLBACK');
    expect(await rowsOf(client, 'select a from failed')).toEqual([]);
  });

  it('is rolled back when the connection is lost', async () => {
    const [lost, other] = [await connect(), await connect()];
    await lost.query('create table gone (a int)');
    await lost.query('begin');
    await lost.query('insert into gone values (1)');
    await lost.query('alter table gone add column b int');
    lost.connection.stream.destroy();
    await expect
      .poll(() => failureOrDone(other.query('alter table gone add column b int')))
      .toBe('done');
    expect(await rowsOf(other, 'select a from gone')).toEqual([]);
  });

  it('holds up nobody: a conflict is an error of the second, as 1023 in Redshift', async () => {
    const client = await connect();
    await succeed(suite.client, 'create table held (a int)');
    await succeed(suite.client, 'insert into held values (1)');
    await client.query('begin');
    await client.query('update held set a = 2');
    expect(await query(suite.client, 'select a from held')).toEqual([[1]]);
    await succeed(suite.client, 'create table beside as select 1 as a');
    const { Error: text } = await execute(suite.client, 'update held set a = 3');
    expect(text).toMatch(/^ERROR: 1023/);
    await client.query('commit');
    expect(await query(suite.client, 'select a from held')).toEqual([[2]]);
  });

  it('contains all statements of one text', async () => {
    const client = await connect();
    await client.query('create table together (a int)');
    const text = 'insert into together values (1); insert into together values (2); select nope';
    expect(await failureOf(client.query(text))).toMatchObject({ code: '42703' });
    expect(await rowsOf(client, 'select a from together')).toEqual([]);
    const results = (await client.query(
      'insert into together values (1); select a from together; commit; select 2 as b',
    )) as unknown as { command: string; rows: unknown[] }[];
    expect(results.map(({ command, rows }) => [command, rows])).toEqual([
      ['INSERT', []],
      ['SELECT', [{ a: 1 }]],
      ['COMMIT', []],
      ['SELECT', [{ b: 2 }]],
    ]);
  });
});

describe('a running statement', () => {
  // Longer than any test: only an interrupt ends it.
  const endless =
    'select count(*) from numbers a, numbers b, numbers c, numbers d where a.n + b.n + c.n + d.n < 0';

  it('is cancelled by another connection with the key of the first', async () => {
    const client = await connect();
    await makeNumbers(client);
    const running = failureOf(client.query(endless));
    await cancel(client);
    expect(await running).toEqual({ code: '57014', message: 'Query cancelled on user request' });
    expect(await rowsOf(client, 'select 1')).toEqual([[1]]);
  });

  it('is cancelled in a transaction, which then has failed', async () => {
    const client = await connect();
    await makeNumbers(client);
    await client.query('begin');
    const running = failureOf(client.query({ text: endless, values: [] }));
    await cancel(client);
    expect(await running).toMatchObject({ code: '57014' });
    expect(await failureOf(client.query('select 1'))).toMatchObject({ code: '25P02' });
    expect((await client.query('rollback')).command).toBe('ROLLBACK');
  });

  it('is not cancelled by a wrong key, nor by a request that comes before it', async () => {
    const client = await connect();
    await makeNumbers(client);
    await cancel(client);
    const { secretKey } = client as unknown as { secretKey: number };
    const running = client.query('select count(*) from numbers a, numbers b');
    await cancel(client, secretKey ^ 1);
    expect((await running).rows).toEqual([{ count: String(4096 ** 2) }]);
  });

  it('ends with its connection, so that others are served', async () => {
    const client = await connect();
    await makeNumbers(client);
    const running = failureOf(client.query(endless));
    const other = await connect();
    const waiting = rowsOf(other, 'select 1');
    client.connection.stream.destroy();
    await running;
    expect(await waiting).toEqual([[1]]);
  });
});

/** 4096 rows. */
async function makeNumbers(client: Client): Promise<void> {
  await client.query('drop table if exists numbers');
  await client.query('create table numbers as select 0 as n');
  for (let doubling = 0; doubling < 12; doubling += 1) {
    await client.query('insert into numbers select n + 1 from numbers');
  }
}

describe('the local cloud', () => {
  it('serves it on a separate port, which stays the same, with the login of .env.local', async () => {
    const stateDir = join(suite.cloud.directory, 'whole');
    const start = () => startLocalCloud({ stateDir, services: ['s3', 'redshift'], ports: {} });
    const ask = async ({ env }: LocalCloud, text: string) => {
      const client = new Client({ connectionString: env['REDSHIFT_URL'] ?? '' });
      await client.connect();
      const rows = await rowsOf(client, text);
      await client.end();
      return rows;
    };
    const ports: (string | undefined)[] = [];
    for (const text of ['create table kept as select 1 as a', 'select a from kept']) {
      await using cloud = await start();
      ports.push(cloud.env['REDSHIFT_PORT']);
      expect(await ask(cloud, text)).toEqual(text.startsWith('select') ? [[1]] : []);
    }
    expect(ports[1]).toBe(ports[0]);
  });
});

describe('the server', () => {
  it('says goodbye when it stops, and serves the same data when it starts again', async () => {
    const client = await connect();
    await client.query('create table lasting as select 1 as a');
    await client.query('begin');
    await client.query('insert into lasting values (2)');
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    await suite.cloud.stopEndpoint();
    await ended;
    expect(errors).toContainEqual(expect.objectContaining({ code: '57P01' }));
    await suite.cloud.startEndpoint();
    expect(await rowsOf(await connect(), 'select a from lasting')).toEqual([[1]]);
  });
});

async function failureOrDone(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => String(error),
  );
}

/** What psql sends on Ctrl-C. */
async function cancel(client: Client, secret?: number): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const socket = openSocket(Number(new URL(suite.cloud.wireUrl).port), '127.0.0.1');
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80_877_102, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secret ?? secretKey, 12);
  socket.write(packet);
  socket.resume();
  await once(socket, 'close');
}
