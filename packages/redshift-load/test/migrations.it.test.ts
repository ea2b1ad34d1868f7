/** A warehouse that an older release made, and a newer one: its tables get their columns, once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset } from '@user-behaviour/shared/asset';
import { createLog } from '@user-behaviour/shared/runner/log';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DataApi } from '../src/data-api/client.ts';
import { statement } from '../src/data-api/sql.ts';
import { firstTables, migration, migrations } from '../src/tables/definitions.ts';
import { differencesOf } from '../src/tables/differences.ts';
import { foundTables } from '../src/tables/found-tables.ts';
import { migrate } from '../src/tables/migrate.ts';
import { expected, openSmallDay } from './small-day.ts';

let cloud: TestCloud;
let job: BundledJob;
let warehouse: WarehouseClient;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  warehouse = new WarehouseClient(cloud.env);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    vi.stubEnv(name, cloud.env[name]);
  return async () => {
    vi.unstubAllEnvs();
    warehouse[Symbol.dispose]();
    await cloud[Symbol.asyncDispose]();
  };
});

const firstFiles = firstTables().map(({ file }) => file);

/** As the first release left it: its tables, without a record of migrations. */
beforeEach(async () => {
  for (const { table } of firstTables()) await warehouse.query(`drop table if exists ${table}`);
  for (const file of firstFiles.slice(0, 3)) {
    await warehouse.query(asset(`sql/warehouse/ddl/${file}.sql`));
  }
});

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const api = () =>
  new DataApi(
    {
      AWS_REGION: cloud.env['AWS_REGION'] ?? '',
      AWS_ENDPOINT_URL_REDSHIFT_DATA: cloud.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'],
      SOCKET_TIMEOUT: 60_000,
      REDSHIFT_WORKGROUP: cloud.env['REDSHIFT_WORKGROUP'],
      REDSHIFT_CLUSTER_ID: undefined,
      REDSHIFT_SECRET_ARN: undefined,
      REDSHIFT_DATABASE: cloud.env['REDSHIFT_DATABASE'] ?? '',
      REDSHIFT_STATEMENT_TIMEOUT: 60_000,
    },
    new AbortController().signal,
  );
const tables = async (from: DataApi) =>
  foundTables(
    await from.ask(
      { name: 'test/tables', statements: [statement('ddl', 'metric_tables')], reads: true },
      undefined,
    ),
  );
const recorded = () =>
  warehouse.rows('select number, name from public.user_behavior_metric_migration order by 1');
const ofRelease = migrations().map(({ number, file }) => [String(number), file]);

it('a load migrates the tables of an older release, once, and records it', async () => {
  await using fixture = await openSmallDay(cloud, job);
  const { code, log: lines } = await fixture.load('--run-id=one');
  expect(code).toBe(0);
  expect(lines.map(({ msg }) => msg)).toContain(
    'migrated public.user_behavior_metric_load: 001_load_sql',
  );
  expect(await recorded()).toEqual(ofRelease);
  using client = api();
  expect(differencesOf(await tables(client), firstTables(), migrations())).toEqual({
    pending: [],
    faults: [],
    otherTypes: [],
  });
  expect(await fixture.load('--run-id=two')).toMatchObject({ code: 0 });
  const steps = await warehouse.statements(`redshift-load/${fixture.ds}/two/prepare/`);
  expect(steps.map(({ StatementName = '' }) => StatementName.split('/').at(-1))).toEqual([
    'existing',
  ]);
  expect(await recorded()).toEqual(ofRelease);
});

it('runs that migrate at the same time add each column once', async () => {
  await using fixture = await openSmallDay(cloud, job);
  const runs = ['one', 'two', 'three'].map((run) => fixture.load(`--run-id=${run}`));
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(await recorded()).toEqual(ofRelease);
  expect(await fixture.slice()).toEqual(expected);
});

it('a column that was added by hand, or without a record, is not added again', async () => {
  await warehouse.query(asset('sql/warehouse/migration/001_load_sql.sql'));
  await using fixture = await openSmallDay(cloud, job);
  expect(await fixture.load()).toMatchObject({ code: 0 });
  using client = api();
  const look = () => tables(client);
  const all = { api: client, prefix: 'test', log, look, recordsAll: true };
  expect(await migrate(await look(), all)).toEqual([]);
  expect(await recorded()).toEqual(ofRelease);
});

it('a newer warehouse works with this release, unless it lacks a column', async () => {
  await using fixture = await openSmallDay(cloud, job);
  expect(await fixture.load()).toMatchObject({ code: 0 });
  const ledger = 'public.user_behavior_metric_load';
  await warehouse.query(`alter table ${ledger} add column newer varchar(20)`);
  await warehouse.query(
    `insert into public.user_behavior_metric_migration values (900, '900_newer', getdate())`,
  );
  await warehouse.query(`delete from ${ledger} where ds = '${fixture.ds}'`);
  expect((await fixture.load()).summaries).toMatchObject([{ status: 'loaded' }]);
  await warehouse.query(`alter table ${ledger} drop column load_sql`);
  const { code, summaries } = await fixture.load();
  expect(code).toBe(78);
  expect(summaries[0]?.['message']).toContain('a newer release has applied 900_newer');
});

it('--check names the migration that is missing, and a column of another type', async () => {
  await warehouse.query(asset('sql/warehouse/ddl/070_user_behavior_metric_migration.sql'));
  await using fixture = await openSmallDay(cloud, job);
  const columns = async () => {
    const { summaries } = await job.run(fixture.env, '--check');
    return summaries.find(({ check }) => check === 'warehouse: columns');
  };
  expect(await columns()).toMatchObject({
    result: 'warn',
    found: expect.stringContaining('migration 001_load_sql') as string,
    action: expect.stringContaining('make migrate') as string,
  });
  for (const name of ['001_load_sql', '003_complete_until']) {
    await warehouse.query(asset(`sql/warehouse/migration/${name}.sql`));
  }
  expect(await columns()).toMatchObject({ result: 'ok' });
  await warehouse.query('alter table public.user_behavior_metric drop column review_score');
  await warehouse.query('alter table public.user_behavior_metric add column review_score bigint');
  expect(await columns()).toMatchObject({
    result: 'FAIL',
    exit: 78,
    found: expect.stringContaining('review_score is bigint, expected integer') as string,
  });
});

it('the migration of docs/adding-a-column.md is one file, and is applied like any other', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/adding-a-column.md'), 'utf8');
  const [, file = '', sql = ''] = /`(\d{3}_\w+)\.sql`.*?```sql\n(.*?)\n *```/s.exec(guide) ?? [];
  await using fixture = await openSmallDay(cloud, job);
  expect(await fixture.load()).toMatchObject({ code: 0 });
  const added = migration(file, {
    name: file.slice(4),
    kind: 'migration',
    sql: sql
      .replace(/^ *--.*\n/gm, '')
      .replace(/;$/, '')
      .trim(),
  });
  expect(added.number).toBe(migrations().length + 1);
  using client = api();
  const look = () => tables(client);
  const migrating = {
    ...{ api: client, prefix: 'test', log, look },
    migrations: [...migrations(), added],
  };
  expect(await migrate(await look(), migrating)).toEqual([added]);
  expect(await migrate(await look(), migrating)).toEqual([]);
  expect(await recorded()).toEqual([...ofRelease, [String(added.number), file]]);
  // Days that were loaded before have no value; this release goes on loading.
  const { name } = added.columns[0] ?? { name: '' };
  const values = await warehouse.rows(
    `select distinct ${name} from public.user_behavior_metric where insert_date = '${fixture.ds}'`,
  );
  expect(values).toEqual([[null]]);
  expect((await fixture.load()).summaries).toMatchObject([{ status: 'unchanged' }]);
});
