/** What outlives kill −9: data, results, records and tokens; and what must not: half a transaction. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { expect, it } from 'vitest';
import { choosePorts } from '@user-behaviour/local-cloud/ports';
import { endOf, execute, query, RedshiftCloud, succeed, target } from './cloud.ts';

interface Endpoint extends AsyncDisposable {
  readonly client: RedshiftDataClient;
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
}

/** The endpoint's program, which can be killed. */
async function startEndpoint(cloud: RedshiftCloud, port: number): Promise<Endpoint> {
  const program = await cloud.startProgram(port);
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => program.stop(signal);
  return {
    client: cloud.client(`http://127.0.0.1:${port}`),
    kill,
    [Symbol.asyncDispose]: () => kill(),
  };
}

it('survives kill −9 with all that was committed and nothing that was not', async () => {
  await using cloud = await RedshiftCloud.start();
  const { redshift: port } = await choosePorts(['redshift'], {}, {});
  await using first = await startEndpoint(cloud, port);
  const { client } = first;
  await succeed(
    client,
    "create external schema spectrum from data catalog database 'd' iam_role default",
  );
  await succeed(
    client,
    `create external table spectrum.t (id varchar(5)) partitioned by (ds date) stored as textfile location '${cloud.address('t/')}'`,
  );
  await succeed(
    client,
    `alter table spectrum.t add partition (ds = '2010-12-01') location '${cloud.address('t/1/')}'`,
  );
  await cloud.put('t/1/a.txt', 'x\n');
  await succeed(client, 'create table numbers (n int, note varchar(10))');
  await succeed(client, 'create table counted (id bigint identity(1, 1), n int) diststyle all');
  await succeed(client, 'insert into counted (n) values (5)');
  await succeed(client, 'alter table counted add column note varchar(5)');
  await succeed(client, 'create view counted_view as select id, n from counted');
  const ten = Array.from({ length: 50 }, (_, n) => `(${n}, 'a')`).join(',');
  const loaded = await execute(
    client,
    `insert into numbers values ${ten}`,
    {},
    { ClientToken: 'load-1' },
  );
  const selected = await succeed(client, 'select count(*) as n from numbers');

  const tables = 'abcdefgh'.split('').map((name) => `numbers ${name}`);
  const running = await client.send(
    new BatchExecuteStatementCommand({
      ...target,
      Sqls: [
        "insert into numbers values (1, 'b'), (2, 'b')",
        `select count(*) from ${tables.join(', ')} where a.n + b.n + c.n + d.n + e.n + f.n + g.n + h.n = 7`,
        'delete from numbers',
      ],
      StatementName: 'killed',
      ClientToken: 'load-2',
    }),
  );
  let state = await client.send(new DescribeStatementCommand({ Id: running.Id }));
  while (state.SubStatements?.[0]?.Status !== 'FINISHED') {
    await delay(20);
    state = await client.send(new DescribeStatementCommand({ Id: running.Id }));
  }
  const waiting = await client.send(
    new ExecuteStatementCommand({ ...target, Sql: 'drop table numbers' }),
  );
  await first.kill();

  await using second = await startEndpoint(cloud, port);
  expect(await endOf(second.client, running.Id)).toMatchObject({
    Status: 'FAILED',
    Error: expect.stringContaining('restarted') as string,
  });
  expect(await endOf(second.client, waiting.Id)).toMatchObject({ Status: 'FAILED' });
  expect(await query(second.client, 'select count(*), max(note) from numbers')).toEqual([
    [50, 'a'],
  ]);
  await succeed(second.client, "insert into counted (n, note) values (6, 'x')");
  const counted =
    'select v.n, c.note from counted_view v join counted c on c.id = v.id order by v.id';
  expect(await query(second.client, counted)).toEqual([
    [5, null],
    [6, 'x'],
  ]);
  expect(await query(second.client, "select id from spectrum.t where ds = '2010-12-01'")).toEqual([
    ['x'],
  ]);
  const result = await second.client.send(new GetStatementResultCommand({ Id: selected.Id }));
  expect(result.Records).toEqual([[{ longValue: 50 }]]);
  const again = await execute(
    second.client,
    `insert into numbers values ${ten}`,
    {},
    { ClientToken: 'load-1' },
  );
  expect(again.Id).toBe(loaded.Id);
  expect(await query(second.client, 'select count(*) from numbers')).toEqual([[50]]);
});

it('knows what became of every statement when it is killed in the middle of many', async () => {
  await using cloud = await RedshiftCloud.start();
  const { redshift: port } = await choosePorts(['redshift'], {}, {});
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using endpoint = await startEndpoint(cloud, port);
    const { client } = endpoint;
    if (round === 0) await succeed(client, 'create table seen (n int)');
    const sent = Array.from({ length: 20 }, async (_, n) => {
      const Sql = `insert into seen values (${round * 20 + n})`;
      const { Id = '' } = await client.send(
        new ExecuteStatementCommand({ ...target, Sql, ClientToken: `t-${round}-${n}` }),
      );
      ids.push(Id);
      return endOf(client, Id);
    });
    await Promise.race(sent);
    await endpoint.kill();
    await Promise.allSettled(sent);
  }
  await using last = await startEndpoint(cloud, port);
  const states = await Promise.all(ids.map((id) => endOf(last.client, id)));
  const finished = states
    .filter(({ Status }) => Status === 'FINISHED')
    .map(({ QueryString = '' }) => [Number(/\d+/.exec(QueryString)?.[0])])
    .toSorted(([a = 0], [b = 0]) => a - b);
  expect(finished.length).toBeGreaterThan(0);
  expect(await query(last.client, 'select n from seen order by n')).toEqual(finished);
});

it('ends in order on SIGTERM, and has its state directory for itself', async () => {
  await using cloud = await RedshiftCloud.start();
  const { redshift: port } = await choosePorts(['redshift'], {}, {});
  await using endpoint = await startEndpoint(cloud, port);
  await succeed(endpoint.client, 'create table t (n int)');
  await expect(cloud.startEndpoint()).rejects.toThrow(/lock/i);
  await endpoint.kill('SIGTERM');
  await cloud.startEndpoint();
  expect(await query(cloud.client(), 'select count(*) from t')).toEqual([[0]]);
});
