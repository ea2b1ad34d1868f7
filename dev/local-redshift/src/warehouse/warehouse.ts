/** Opens the DuckDB database with settings that make it similar to Redshift. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { columnFunctions } from '../external/contents/column-values.ts';
import { registerScriptFunctions } from '../dialect/script-functions.ts';
import { functionDefinitions } from '../sql/functions.ts';
import { quoteLiteral, quoteName } from '../sql/sql-tokens.ts';
import { catalogViews } from './catalog-views.ts';
import { internalTables, systemViews } from './system-views.ts';

export interface Warehouse {
  /** A connection is a session, which owns its temporary tables. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * Opens or creates `<directory>/<database>.duckdb`. SQL can read only files below `readable`. Rejects if another
 * process has the database open.
 */
export async function openWarehouse(
  directory: string,
  database: string,
  readable: string,
): Promise<Warehouse> {
  await mkdir(directory, { recursive: true });
  // The file is attached to a database in memory: opened directly, DuckDB 1.5 cannot replay an ALTER
  // of a table with a check or a sequence from its log after a kill (no default database yet).
  const instance = await DuckDBInstance.create(':memory:', {
    // For the few rows of a day, a second thread costs more than it saves.
    threads: '1',
    memory_limit: '2GB',
    temp_directory: join(directory, 'spill'),
    integer_division: 'true',
    default_null_order: 'nulls_last_on_asc_first_on_desc',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const name = quoteName(database);
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    // The first entry is also the current database, as with USE.
    await connection.run(`set search_path = ${quoteLiteral(`${name}.public,${name}.main`)}`);
    return connection;
  };
  try {
    const first = await instance.connect();
    registerScriptFunctions(first);
    const file = quoteLiteral(join(directory, `${database}.duckdb`));
    await first.run(`attach ${file} as ${name} (storage_version 'v1.4.0')`);
    await first.run(`use ${name}`);
    for (const statement of [
      `set global allowed_directories = [${quoteLiteral(readable)}]`,
      'set global enable_external_access = false',
      "set global timezone = 'UTC'",
      'create schema if not exists public',
      ...internalTables,
      ...functionDefinitions,
      ...columnFunctions,
      ...systemViews,
      ...catalogViews,
      // Only the search path can change after this.
      'set global lock_configuration = true',
    ]) {
      await first.run(statement).catch(ignoreDependencyErrors);
    }
    first.closeSync();
  } catch (error) {
    instance.closeSync();
    throw error;
  }
  return {
    connect,
    close: () => {
      instance.closeSync();
    },
  };
}

/** A function that a view or a column's default uses cannot be replaced, so the existing one remains. */
function ignoreDependencyErrors(error: unknown): void {
  if (!(error instanceof Error) || !error.message.startsWith('Dependency Error')) throw error;
}
