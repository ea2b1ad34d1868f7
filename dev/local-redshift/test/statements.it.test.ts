/** The Redshift Data API through the AWS client: statements, parameters, tokens. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { endOf, execute, query, succeed, target } from './cloud.ts';
import { useRedshift } from './suite.ts';

const redshift = useRedshift();
describe('ExecuteStatement', () => {
  it('runs, describes and returns typed rows', async () => {
    const state = await execute(
      redshift.client,
      `select 1 as n, 2.5 as d, 1.5::float as f, true as b, 'x' as s, null as z,
        date '2010-12-01' as day, cast('2010-12-01 08:26:00' as timestamp) as at`,
    );
    expect(state).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1 });
    expect(state.Duration).toBeGreaterThan(0);
    expect(Math.abs(Date.now() - (state.CreatedAt?.getTime() ?? 0))).toBeLessThan(60_000);
    const result = await redshift.client.send(new GetStatementResultCommand({ Id: state.Id }));
    expect(result.TotalNumRows).toBe(1);
    expect(result.Records).toEqual([
      [
        { longValue: 1 },
        { stringValue: '2.5' },
        { doubleValue: 1.5 },
        { booleanValue: true },
        { stringValue: 'x' },
        { isNull: true },
        { stringValue: '2010-12-01' },
        { stringValue: '2010-12-01 08:26:00' },
      ],
    ]);
    expect(
      result.ColumnMetadata?.map(({ name, typeName }) => `${name ?? ''} ${typeName ?? ''}`),
    ).toEqual([
      'n int4',
      'd numeric',
      'f float8',
      'b bool',
      's varchar',
      'z int4',
      'day date',
      'at timestamp',
    ]);
  });

  it('counts changed rows and then has no result set', async () => {
    await succeed(
      redshift.client,
      'create table changed (a int, b varchar(3)) distkey(a) sortkey(a)',
    );
    const state = await succeed(redshift.client, "insert into changed values (1, 'x'), (2, 'y')");
    expect(state).toMatchObject({ HasResultSet: false, ResultRows: 2 });
    await expect(
      redshift.client.send(new GetStatementResultCommand({ Id: state.Id })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('Query does not have result') as string,
    });
  });

  it.each([
    ['select 1/0', 'ERROR: Divide by zero'],
    ["select cast('a' as int)", "ERROR: Invalid digit, Value 'a', Pos 0, Type: Integer"],
    ['select * from missing', 'ERROR: relation "missing" does not exist'],
    ['begin', 'ERROR: BEGIN is not supported'],
    ['select 1; select 2', 'ERROR: cannot insert multiple commands'],
    ["select 'open", 'ERROR: unterminated quoted string'],
    ['select :nobody', 'ERROR: there is no value for the parameter ":nobody"'],
    ["copy t from 's3://b/x'", 'ERROR: COPY is not supported by this local warehouse'],
  ])('fails as Redshift does: %s', async (sql, error) => {
    const state = await execute(redshift.client, sql);
    expect(state.Status).toBe('FAILED');
    expect(state.Error).toContain(error);
  });

  it('rejects text that is longer than its column', async () => {
    await succeed(redshift.client, 'create table narrow (a varchar(3))');
    await succeed(redshift.client, "insert into narrow values ('äb')");
    const state = await execute(redshift.client, "insert into narrow values ('äöü')");
    expect(state.Error).toMatch(/^ERROR: Value too long for character type/);
  });

  it('allows parameters only in statements that can be prepared', async () => {
    const sql = 'create temp table made as select :a as a';
    expect((await execute(redshift.client, sql, { a: '1' })).Error).toMatch(
      /^ERROR: syntax error at or near "\$1"/,
    );
  });

  it('casts parameters according to context and prevents SQL injection', async () => {
    await succeed(redshift.client, 'create table bound (a int, d date, s varchar(100))');
    const value = String.raw`it's \' "; drop table bound; --`;
    await succeed(redshift.client, 'insert into bound values (:a, :d, :s)', {
      a: '5',
      d: '2010-12-01',
      s: value,
    });
    const found = 'select s from bound where a = :a and d = cast(:d as date)';
    expect(await query(redshift.client, found, { a: '5', d: '2010-12-01' })).toEqual([[value]]);
  });
});

describe('invalid requests', () => {
  const cases: [string, Partial<ConstructorParameters<typeof ExecuteStatementCommand>[0]>][] = [
    ['an empty value', { Parameters: [{ name: 'a', value: '' }], Sql: 'select :a' }],
    ['an unused parameter', { Parameters: [{ name: 'a', value: '1' }] }],
    ['an unknown workgroup', { WorkgroupName: 'other' }],
    ['no workgroup', { WorkgroupName: undefined }],
    ['both kinds of target', { ClusterIdentifier: target.WorkgroupName }],
    ['a long token', { ClientToken: 'x'.repeat(65) }],
    ['a long text', { Sql: `select '${'x'.repeat(100_001)}'` }],
  ];
  it.each(cases)('%s', async (_, wrong) => {
    const command = new ExecuteStatementCommand({ ...target, Sql: 'select 1', ...wrong });
    await expect(redshift.client.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('an unknown statement', async () => {
    const Id = '00000000-0000-4000-8000-000000000000';
    await expect(redshift.client.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('an unknown database fails the statement, as in the service', async () => {
    const state = await execute(redshift.client, 'select 1', {}, { Database: 'nowhere' });
    expect(state.Error).toBe('ERROR: database "nowhere" does not exist');
  });
});

describe('ClientToken', () => {
  it('runs a statement once however often it is sent, even if the first reply is lost', async () => {
    await succeed(redshift.client, 'create table once_only (a int)');
    const command = new ExecuteStatementCommand({
      ...target,
      Sql: 'insert into once_only values (1)',
      ClientToken: 'token-1',
    });
    await redshift.cloud.fault({ kind: 'lose-reply', operation: 'ExecuteStatement' });
    await expect(redshift.client.send(command)).rejects.toThrow();
    const [again, twice] = await Promise.all([
      redshift.client.send(command),
      redshift.client.send(command),
    ]);
    expect(again.Id).toBe(twice.Id);
    await endOf(redshift.client, again.Id);
    expect(await query(redshift.client, 'select count(*) from once_only')).toEqual([[1]]);
  });
});

describe('a scripted fault of a statement', () => {
  const script = (fault: object) => redshift.cloud.fault(fault);
  const operation = 'ExecuteStatement';
  const submit = (Sql: string) =>
    redshift.client.send(new ExecuteStatementCommand({ ...target, Sql }));

  it('delays the statement while others run, and it can be cancelled in the meantime', async () => {
    await succeed(redshift.client, 'create table passed (a int)');
    await script({ kind: 'hold', operation, milliseconds: 1_000 });
    const held = await submit('insert into passed select count(*) from passed');
    await succeed(redshift.client, 'insert into passed values (7)');
    await endOf(redshift.client, held.Id);
    expect(await query(redshift.client, 'select a from passed order by 1')).toEqual([[1], [7]]);

    await script({ kind: 'hold', operation, milliseconds: 60_000 });
    const { Id } = await submit('insert into passed values (8)');
    await redshift.client.send(new CancelStatementCommand({ Id }));
    expect(await endOf(redshift.client, Id)).toMatchObject({ Status: 'ABORTED' });
  });

  it('fails the statement with the given error and rolls it back', async () => {
    await succeed(redshift.client, 'create table violated (a int)');
    await script({ kind: 'fail', operation, message: '1023\n  Detail: Serializable' });
    expect(await execute(redshift.client, 'insert into violated values (1)')).toMatchObject({
      Status: 'FAILED',
      Error: 'ERROR: 1023\n  Detail: Serializable',
    });
    expect(await query(redshift.client, 'select count(*) from violated')).toEqual([[0]]);
  });
});
