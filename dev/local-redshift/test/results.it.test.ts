/** The Redshift Data API by its own client: result pages, cancelling, lists. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListStatementsCommand,
  ListTablesCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { endOf, execute, query, succeed, target } from './cloud.ts';
import { useRedshift } from './suite.ts';

const redshift = useRedshift();
describe('results', () => {
  it('come in pages', async () => {
    await succeed(redshift.client, 'create table digits (n int)');
    await succeed(
      redshift.client,
      'insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)',
    );
    const { Id } = await succeed(
      redshift.client,
      'select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as n from digits a, digits b, digits c, digits d where d.n < 3 order by 1',
    );
    const seen: number[] = [];
    let NextToken: string | undefined;
    let pages = 0;
    do {
      const page = await redshift.client.send(new GetStatementResultCommand({ Id, NextToken }));
      expect(page.TotalNumRows).toBe(3000);
      seen.push(...(page.Records ?? []).map(([field]) => field?.longValue ?? -1));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken !== undefined);
    expect(pages).toBe(3);
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });

  it('come as CSV when asked for', async () => {
    const sql = `select 1 as n, 'a,"b"' as s, null as z`;
    const { Id } = await execute(redshift.client, sql, {}, { ResultFormat: 'CSV' });
    const result = await redshift.client.send(new GetStatementResultV2Command({ Id }));
    expect(result.Records).toEqual([{ CSVRecords: '1,"a,""b""",\n' }]);
    await expect(redshift.client.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
      },
    );
  });
});

describe('CancelStatement', () => {
  it('ends what runs and what waits, and neither leaves a trace', async () => {
    await succeed(redshift.client, 'create table numbers (n int)');
    const ten = '(0),(1),(2),(3),(4),(5),(6),(7),(8),(9)';
    await succeed(redshift.client, `insert into numbers values ${ten},${ten},${ten},${ten},${ten}`);
    const endless = `insert into numbers select count(*) from ${'abcdefgh'
      .split('')
      .map((x) => `numbers ${x}`)
      .join(', ')} where a.n * b.n * c.n * d.n * e.n * f.n * g.n * h.n = 7`;
    const start = (Sql: string) =>
      redshift.client.send(new ExecuteStatementCommand({ ...target, Sql }));
    const running = await start(endless);
    const waiting = await start('insert into numbers values (100)');
    let status: string | undefined;
    do {
      await delay(20);
      ({ Status: status } = await redshift.client.send(
        new DescribeStatementCommand({ Id: running.Id }),
      ));
    } while (status !== 'STARTED');
    expect(
      await redshift.client.send(new CancelStatementCommand({ Id: waiting.Id })),
    ).toMatchObject({
      Status: true,
    });
    expect(
      await redshift.client.send(new CancelStatementCommand({ Id: running.Id })),
    ).toMatchObject({
      Status: true,
    });
    expect(await endOf(redshift.client, running.Id)).toMatchObject({
      Status: 'ABORTED',
      Error: 'Query cancelled on user request',
    });
    expect(await endOf(redshift.client, waiting.Id)).toMatchObject({ Status: 'ABORTED' });
    expect(await query(redshift.client, 'select count(*) from numbers')).toEqual([[50]]);
    await expect(
      redshift.client.send(new CancelStatementCommand({ Id: running.Id })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('already in ABORTED state') as string,
    });
  });
});

describe('lists', () => {
  it('finds statements by the beginning of their name', async () => {
    const named = { StatementName: 'load/2010-12-01/r1/audit' };
    const good = await execute(redshift.client, 'select 1', {}, named);
    const bad = await execute(redshift.client, 'select 1/0', {}, named);
    const list = async (Status?: 'ALL' | 'FAILED') => {
      const found = await redshift.client.send(
        new ListStatementsCommand({ StatementName: 'load/2010-12-01', Status }),
      );
      return found.Statements?.map(({ Id }) => Id);
    };
    expect(await list()).toEqual([good.Id]);
    expect(await list('FAILED')).toEqual([bad.Id]);
    expect(await list('ALL')).toEqual([bad.Id, good.Id]);
    const first = await redshift.client.send(
      new ListStatementsCommand({ Status: 'ALL', MaxResults: 1 }),
    );
    const next = await redshift.client.send(
      new ListStatementsCommand({ Status: 'ALL', MaxResults: 1, NextToken: first.NextToken }),
    );
    expect([first.Statements?.[0]?.Id, next.Statements?.[0]?.Id]).toEqual([bad.Id, good.Id]);
  });

  it('shows databases, schemas, tables and columns', async () => {
    await succeed(redshift.client, 'create schema listed');
    await succeed(
      redshift.client,
      'create table listed.things (id bigint not null, name varchar(20), price decimal(8, 3))',
    );
    expect((await redshift.client.send(new ListDatabasesCommand(target))).Databases).toEqual([
      target.Database,
    ]);
    expect((await redshift.client.send(new ListSchemasCommand(target))).Schemas).toContain(
      'listed',
    );
    const tables = await redshift.client.send(
      new ListTablesCommand({ ...target, SchemaPattern: 'listed' }),
    );
    expect(tables.Tables).toEqual([{ name: 'things', type: 'TABLE', schema: 'listed' }]);
    const columns = await redshift.client.send(
      new DescribeTableCommand({ ...target, Schema: 'listed', Table: 'things' }),
    );
    expect(columns.ColumnList).toMatchObject([
      { name: 'id', typeName: 'int8', nullable: 0 },
      { name: 'name', typeName: 'varchar', length: 20 },
      { name: 'price', typeName: 'numeric', precision: 8, scale: 3 },
    ]);
    expect(
      await query(
        redshift.client,
        "select table_name from svv_tables where table_schema = 'listed'",
      ),
    ).toEqual([['things']]);
  });
});
