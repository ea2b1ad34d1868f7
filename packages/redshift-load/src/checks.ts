/** What redshift-load needs: manifests that it can read, and a warehouse that does what it says. */
import { randomBytes } from 'node:crypto';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import { type Check, type Checkup, undoneAfter } from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri, trialPrefix } from '@user-behaviour/shared/keys';
import type { Session } from '@user-behaviour/shared/runner/job';
import type { LoadConfiguration } from './config.ts';
import { DataApi } from './data-api/client.ts';
import { statement, type Statement } from './data-api/sql.ts';
import { roleRights } from './data-api/status.ts';
import { StatementError } from './data-api/request.ts';

const rights =
  "grant the job's database user create on the database and on schema public, see docs/contract.md";
const tableRights =
  "grant the job's database user select, insert and delete on the tables, and the right to lock, see docs/contract.md";

export function checkup(configuration: LoadConfiguration, session: Session): Checkup {
  const s3 = createS3Client(configuration);
  const api = new DataApi(configuration, session.signal);
  const bucket = configuration.PIPELINE_BUCKET;
  return {
    checks: [
      ...readingChecks(s3, bucket, 'user_purchase/stage'),
      ...readingChecks(s3, bucket, 'movie_review/stage').slice(0, 1),
      ...warehouseChecks(api, configuration, session),
    ],
    [Symbol.asyncDispose]() {
      api[Symbol.dispose]();
      s3.destroy();
      return Promise.resolve();
    },
  };
}

/**
 * What a load does to the tables that stand, in a form that changes nothing. The lock is the first,
 * as in a load: two that take turns in another order would wait for each other for ever.
 */
const metricStatements = [
  { table: 'user_behavior_metric_load_lock', ...statement('load', '010_lock') },
  ...['user_behavior_metric', 'user_behavior_metric_load'].flatMap((table) =>
    [
      `delete from public.${table} where 1 = 0`,
      `insert into public.${table} select * from public.${table} where 1 = 0`,
    ].map((sql) => ({ table, name: sql.slice(0, 6), kind: 'load' as const, sql })),
  ),
];

/** Under names of their own, so that nothing that stands is touched; nothing of it stays. */
function warehouseChecks(
  api: DataApi,
  { PIPELINE_BUCKET: bucket, SPECTRUM_ROLE_ARN: role }: LoadConfiguration,
  { log }: Session,
): Check[] {
  const trial = `doctor_${randomBytes(6).toString('hex')}`;
  const sql = (text: string): Statement => ({ name: 'trial', kind: 'ddl', sql: text });
  const run = async (step: string, statements: readonly Statement[], action: string) => {
    try {
      return await api.run({ name: `redshift-load/check/${trial}/${step}`, statements }, log);
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      throw new Failure('configuration', `${step}: ${error.message}`, { cause: error, action });
    }
  };
  /** With the role's rights on the catalog, and to list the bucket; what it may read, the first load shows. */
  const readNothing = async () => {
    const table = `${trial}.${trial}`;
    const location = s3Uri(bucket, `${trialPrefix('user_purchase/stage')}${trial}/`);
    const made = `create external table ${table} (one varchar(10)) stored as textfile location '${location}'`;
    await run('external-table', [sql(made)], roleRights);
    await undoneAfter(
      () => run('external-rows', [sql(`select count(*) from ${table}`)], roleRights),
      () => run('drop-external-table', [sql(`drop table ${table}`)], roleRights),
    );
  };
  return [
    {
      name: 'warehouse: statement',
      look: async () => {
        const action = 'look at the workgroup or cluster in the console';
        const id = await run('statement', [sql('select 1 as one')], action);
        const [row] = await api.rows(id);
        await api.list(`redshift-load/check/${trial}/`);
        await api.awaitOther(id, 'statement');
        await api.cancelEnded(id);
        if (row?.['one'] === '1') return { found: 'runs, answers, is listed and may be cancelled' };
        throw new Failure('bug', `select 1 answered ${JSON.stringify(row)}`);
      },
    },
    {
      name: 'warehouse: create, insert, delete',
      look: async () => {
        const table = `public.${trial}`;
        const statements = [
          `create table ${table} (one integer)`,
          `insert into ${table} values (1)`,
          `delete from ${table}`,
          `drop table ${table}`,
        ];
        await run('tables', statements.map(sql), rights);
        return { found: 'done and undone in schema public' };
      },
    },
    {
      name: 'warehouse: metric tables',
      look: async () => {
        const existing = statement('ddl', 'existing');
        const id = await run('existing', [existing], rights);
        const tables = (await api.rows(id)).map((row) => row['table_name']);
        const statements = metricStatements.filter(({ table }) => tables.includes(table));
        if (statements.length === 0) return { found: 'not there yet: the first load makes them' };
        await run('metric-tables', statements, tableRights);
        return { found: 'can be locked and written; nothing was changed' };
      },
    },
    {
      name: 'warehouse: external schema',
      look: async () => {
        const made = statement('ddl', '010_external_schema', { spectrum_role_arn: role });
        const own = made.sql.replace(/(exists) spectrum\b/, `$1 ${trial}`);
        await run('external-schema', [{ ...made, sql: own }], roleRights);
        await undoneAfter(readNothing, () =>
          run('drop-external-schema', [sql(`drop schema ${trial}`)], rights),
        );
        return { found: 'made with the role; a table over an empty folder was read; both dropped' };
      },
    },
  ];
}
