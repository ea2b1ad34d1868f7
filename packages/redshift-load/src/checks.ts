/** The dependencies and permissions that redshift-load needs: the manifests, and a warehouse that runs its statements. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import {
  type HealthCheck,
  type HealthChecks,
  withCleanup,
} from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import { probePrefix, s3Uri } from '@user-behaviour/shared/keys';
import type { Session } from '@user-behaviour/shared/runner/job';
import type { LoadConfiguration } from './config.ts';
import { DataApi } from './data-api/client.ts';
import { StatementError } from './data-api/request.ts';
import { type Statement, statement } from './data-api/sql.ts';
import { roleRights } from './data-api/error-rules.ts';
import { dropLeftovers, probeName } from './leftovers.ts';
import { checkColumns } from './tables/check-columns.ts';
import { type FoundTables, foundTables } from './tables/found-tables.ts';

const rights =
  "grant the job's database user create on the database and on schema public, see docs/contract.md";
const tableRights =
  "grant the job's database user select, insert and delete on the tables, and the right to lock, see docs/contract.md";

export function healthChecks(configuration: LoadConfiguration, session: Session): HealthChecks {
  const s3 = createS3Client(configuration);
  const api = new DataApi(configuration, session.signal);
  const bucket = configuration.PIPELINE_BUCKET;
  return {
    checks: [
      ...readingChecks(s3, bucket, 'user_purchase/stage'),
      ...readingChecks(s3, bucket, 'movie_review/stage').filter(({ name }) => name !== 'clock'),
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
 * What a load does to existing tables, in a form that changes nothing. The lock comes first, as in a load:
 * two transactions that lock in different orders would wait for each other for ever.
 */
function metricStatements(tables: FoundTables): readonly Statement[] {
  const written = ['public.user_behavior_metric', 'public.user_behavior_metric_load'];
  return [
    ...(tables.has('public.user_behavior_metric_load_lock') ? [statement('load', '010_lock')] : []),
    ...written
      .filter((table) => tables.has(table))
      .map((table) => ({ table }))
      .flatMap((values) => [
        statement('check', 'delete_nothing', values),
        statement('check', 'insert_nothing', values),
      ]),
  ];
}

/** Creates objects under random names and drops them again, so that existing ones stay untouched. */
function warehouseChecks(
  api: DataApi,
  { PIPELINE_BUCKET: bucket, SPECTRUM_ROLE_ARN: role }: LoadConfiguration,
  { log, now }: Session,
): HealthCheck[] {
  const name = probeName(now());
  const run = async (step: string, statements: readonly Statement[], action: string) => {
    try {
      return await api.run({ name: `redshift-load/check/${name}/${step}`, statements }, log);
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      throw new Failure('configuration', `${step}: ${error.message}`, { cause: error, action });
    }
  };
  /** With the role's rights on the catalog and on listing the bucket; whether it may read files, the first load shows. */
  const readNothing = async () => {
    const values = {
      table: `${name}.${name}`,
      location: s3Uri(bucket, `${probePrefix('user_purchase/stage')}${name}/`),
    };
    const step = (text: string, file: string) =>
      run(text, [statement('check', file, values)], roleRights);
    await step('external-table', 'create_external_table');
    await withCleanup(
      () => step('external-rows', 'count_rows'),
      () => step('drop-external-table', 'drop_table'),
    );
  };
  return [
    {
      name: 'warehouse: statement',
      run: async () => {
        const action = 'look at the workgroup or cluster in the console';
        const id = await run('statement', [statement('check', 'select_one')], action);
        const [row] = await api.rows(id);
        await api.list(`redshift-load/check/${name}/`);
        await api.awaitOther(id, 'statement');
        await api.cancelEnded(id);
        if (row?.['one'] !== '1') {
          throw new Failure('bug', `select_one.sql returned ${JSON.stringify(row)}, expected 1`);
        }
        return { found: 'can be run, read, listed and cancelled' };
      },
    },
    {
      name: 'warehouse: leftovers',
      run: async () => {
        const id = await run('leftovers', [statement('check', 'leftovers')], roleRights);
        const rows = (await api.rows(id)).map((row) => ({
          schema: row['schema_name'] ?? '',
          table: row['table_name'] ?? '',
        }));
        const drops = dropLeftovers(rows, now());
        // One at a time: external objects cannot be dropped in a transaction.
        for (const [index, drop] of drops.entries()) {
          await run(`drop-leftover-${String(index)}`, [drop], rights);
        }
        return {
          found: drops.length === 0 ? 'none' : `dropped ${String(drops.length)} of killed checks`,
        };
      },
    },
    {
      name: 'warehouse: create, insert, delete',
      run: async () => {
        const files = ['create_table', 'insert_row', 'delete_rows', 'drop_table'];
        const statements = files.map((file) =>
          statement('check', file, { table: `public.${name}` }),
        );
        await run('tables', statements, rights);
        return { found: 'done and undone in schema public' };
      },
    },
    {
      name: 'warehouse: metric tables',
      run: async () => {
        const id = await run('existing', [statement('ddl', 'metric_tables')], rights);
        const tables = foundTables(await api.rows(id));
        const statements = metricStatements(tables);
        if (statements.length === 0)
          return { found: 'do not exist yet: the first load creates them' };
        await run('metric-tables', statements, tableRights);
        return { found: 'can be locked and written; nothing was changed' };
      },
    },
    {
      name: 'warehouse: columns',
      run: async () => {
        const id = await run('columns', [statement('ddl', 'metric_tables')], rights);
        return checkColumns(foundTables(await api.rows(id)));
      },
    },
    {
      name: 'warehouse: external schema',
      run: async () => {
        const values = { external_schema: name, spectrum_role_arn: role };
        await run('external-schema', [statement('ddl', '010_external_schema', values)], roleRights);
        await withCleanup(readNothing, () =>
          run(
            'drop-external-schema',
            [statement('check', 'drop_schema', { schema: name })],
            rights,
          ),
        );
        return {
          found: 'created with the role; a table over an empty folder was read; both dropped',
        };
      },
    },
  ];
}
