/** The Redshift Data API through the AWS client: batches with and without a transaction. */
import { DescribeStatementCommand, GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { batch, execute, query, succeed } from './cloud.ts';
import { useRedshift } from './suite.ts';

const redshift = useRedshift();

describe('BatchExecuteStatement', () => {
  it('is one transaction that sees its own temporary tables', async () => {
    await succeed(redshift.client, 'create table target_lock (a int)');
    await succeed(redshift.client, 'create table target (a int)');
    const state = await batch(
      redshift.client,
      [
        'lock target_lock',
        'create temp table fresh (a int) distkey (a)',
        'insert into fresh select cast(:a as int)',
        'insert into target select a from fresh',
        "select cast(case when count(*) = 1 then '0' else 'not one' end as integer) as audit from target",
      ],
      { a: '7' },
    );
    expect(state.Status).toBe('FINISHED');
    expect(state.SubStatements?.map(({ Id, HasResultSet }) => [Id, HasResultSet])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [`${state.Id ?? ''}:${n}`, n === 5]),
    );
    const part = await redshift.client.send(
      new DescribeStatementCommand({ Id: `${state.Id ?? ''}:4` }),
    );
    expect(part).toMatchObject({
      Status: 'FINISHED',
      ResultRows: 1,
      QueryString: expect.stringContaining('insert') as string,
    });
    const result = await redshift.client.send(
      new GetStatementResultCommand({ Id: `${state.Id ?? ''}:5` }),
    );
    expect(result.Records).toEqual([[{ longValue: 0 }]]);
    expect((await execute(redshift.client, 'select * from fresh')).Error).toContain(
      'does not exist',
    );
  });

  it('is rolled back completely if an audit fails', async () => {
    await succeed(redshift.client, 'create table audited (a int)');
    await succeed(redshift.client, 'insert into audited values (1)');
    const state = await batch(redshift.client, [
      'delete from audited',
      'insert into audited values (2), (3)',
      "select cast(case when count(*) = 1 then '0' else 'audit: too many' end as integer) as audit from audited",
      'insert into audited values (4)',
    ]);
    expect(state.Status).toBe('FAILED');
    expect(state.Error).toMatch(/^Query #3 failed with ERROR: Invalid digit[\s\S]*audit: too many/);
    expect(state.SubStatements?.map(({ Status }) => Status)).toEqual([
      'FINISHED',
      'FINISHED',
      'FAILED',
      'ABORTED',
    ]);
    expect(await query(redshift.client, 'select a from audited')).toEqual([[1]]);
  });

  it('keeps successful statements in AUTO_COMMIT', async () => {
    await succeed(redshift.client, 'create table kept (a int)');
    const sqls = [
      'insert into kept values (1)',
      'select 1/0',
      'insert into kept values (2)',
      'select 5',
    ];
    const state = await batch(redshift.client, sqls, {}, { ExecutionMode: 'AUTO_COMMIT' });
    expect(state.Status).toBe('FAILED');
    expect(state.SubStatements?.map(({ Status }) => Status)).toEqual([
      'FINISHED',
      'FAILED',
      'FINISHED',
      'FINISHED',
    ]);
    const result = await redshift.client.send(
      new GetStatementResultCommand({ Id: `${state.Id ?? ''}:4` }),
    );
    expect(result.Records).toEqual([[{ longValue: 5 }]]);
    expect(await query(redshift.client, 'select a from kept order by a')).toEqual([[1], [2]]);
  });

  it('adds columns with defaults, and fills the rows that exist', async () => {
    await succeed(redshift.client, 'create table grown as select 1 as a');
    const state = await batch(redshift.client, [
      'alter table grown add column b timestamp default getdate()',
      "alter table grown add column c varchar(3) default upper('x')",
      'insert into grown (a) values (2)',
      'alter table grown add column d date not null default current_date',
    ]);
    expect(state.Error).toBeUndefined();
    expect(
      await query(
        redshift.client,
        'select a, b <= getdate(), c, d = current_date from grown order by 1',
      ),
    ).toEqual([
      [1, true, 'X', true],
      [2, true, 'X', true],
    ]);
  });

  it.each(['truncate audited', 'vacuum', 'lock nothing_there', 'commit'])(
    'rejects %s',
    async (sql) => {
      expect((await batch(redshift.client, [sql])).Status).toBe('FAILED');
    },
  );

  it('accepts 1 to 40 statements', async () => {
    await expect(
      batch(
        redshift.client,
        Array.from({ length: 41 }, () => 'select 1'),
      ),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const state = await batch(
      redshift.client,
      Array.from({ length: 40 }, () => 'select 1'),
    );
    expect(state.Status).toBe('FINISHED');
  });
});
