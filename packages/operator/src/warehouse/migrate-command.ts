/** Gives the tables of the warehouse the columns of this release, without a load. */
import type { DataApi } from '@user-behaviour/redshift-load/data-api/client';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { create } from '@user-behaviour/redshift-load/tables/create';
import { firstTables } from '@user-behaviour/redshift-load/tables/definitions';
import {
  type FoundTables,
  foundTables,
  withTables,
} from '@user-behaviour/redshift-load/tables/found-tables';
import { migrate, pendingMigrations } from '@user-behaviour/redshift-load/tables/migrate';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { queryFailure, warehouseOf } from '../facts/warehouse-query.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud, tellWorld } from '../world/world.ts';

const prefix = 'operator';

export function migrateCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'migrate',
    'give the tables of the warehouse the columns of this release',
    (options) =>
      options.option('dry-run', { type: 'boolean', default: false, describe: 'change nothing' }),
    async ({ dryRun }) => {
      await requireLocalCloud(shell.env);
      const configuration = operatorConfiguration(shell.env);
      shell.report(`migrate: on ${await tellWorld(configuration, shell.env)}`);
      using api = warehouseOf(configuration, shell.stopSignal());
      try {
        shell.print(await migrateTables(api, dryRun));
      } catch (error) {
        throw queryFailure(error);
      }
    },
  );
}

/** Creates the tables that are missing, too. A second run finds nothing to do. Returns what was done. */
export async function migrateTables(api: DataApi, dryRun: boolean): Promise<string> {
  const look = () => readTables(api);
  const found = await look();
  const missing = firstTables().filter(({ table }) => !found.has(table));
  const migrating = { api, prefix, log: undefined };
  // Refuses before anything is created.
  const pending = await pendingMigrations(found, missing, migrating);
  if (dryRun) return told([...missing, ...pending], 'would make');
  for (const { statement: ddl } of missing) await create(ddl, migrating);
  const tables = withTables(found, missing);
  const done = await migrate(tables, { ...migrating, look, recordsAll: true });
  return told([...missing, ...done], 'made');
}

async function readTables(api: DataApi): Promise<FoundTables> {
  const query = {
    name: `${prefix}/tables`,
    statements: [statement('ddl', 'metric_tables')],
    reads: true,
  };
  return foundTables(await api.ask(query, undefined));
}

const told = (all: readonly { readonly file: string; readonly table: string }[], verb: string) =>
  all.length === 0
    ? 'nothing to do: every column is there'
    : all.map(({ file, table }) => `${verb} ${file} of ${table}`).join('\n');
