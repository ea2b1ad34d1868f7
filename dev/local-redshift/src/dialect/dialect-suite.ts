/** Runs statements as the endpoint does, on a warehouse without the endpoint, for the tests of the dialect. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll } from 'vitest';
import type { Field } from '../api/result-fields.ts';
import { runPart, type PartContext } from '../statements/run-statement.ts';
import { Catalog } from '../warehouse/catalog.ts';
import { toWarehouseError } from '../warehouse/duckdb-errors.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';

export interface DialectSuite {
  /** The rows as text, with `|` between fields and NULL for null; or the error. */
  readonly run: (sql: string, inTransaction?: boolean) => Promise<string[]>;
  /** The names and types of the result's columns. */
  readonly columns: (sql: string) => Promise<string[]>;
  /** A folder outside of what SQL may read. */
  readonly folder: string;
}

/** Call once at the top of a file. All statements share a session. */
export function useDialect(): DialectSuite {
  let folder = '';
  let warehouse: Warehouse | undefined;
  let connection: DuckDBConnection | undefined;
  const catalog = new Catalog();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dialect-'));
    warehouse = await openWarehouse(folder, 'dev', join(folder, 'objects'));
    connection = await warehouse.connect();
    await catalog.reload(connection);
  });
  afterAll(async () => {
    connection?.closeSync();
    warehouse?.close();
    await rm(folder, { recursive: true });
  });
  const attempt = async (sql: string, inTransaction: boolean) => {
    if (connection === undefined)
      throw new Error('the warehouse is available only while tests run');
    const rows: string[] = [];
    const results = {
      write: async (_: string, blocks: AsyncIterable<readonly Field[][]>) => {
        for await (const block of blocks)
          rows.push(...block.map((row) => row.map(shown).join('|')));
        return 0;
      },
    };
    // Without external tables, the other members of the two are not used.
    const context = { source: { catalog }, results, records: () => [] } as unknown as PartContext;
    const { signal } = new AbortController();
    await connection.run('begin');
    try {
      const outcome = await runPart(sql, 'result', {
        ...context,
        connection,
        parameters: [],
        inTransaction,
        signal,
      });
      await connection.run('commit');
      return { rows, columns: outcome.columns ?? [] };
    } catch (error) {
      await connection.run('rollback');
      throw toWarehouseError(error);
    }
  };
  return {
    run: async (sql, inTransaction = false) => {
      try {
        return (await attempt(sql, inTransaction)).rows;
      } catch (error) {
        return [toWarehouseError(error).text.split('\n')[0] ?? ''];
      }
    },
    columns: async (sql) =>
      (await attempt(sql, false)).columns.map(({ name, typeName }) => `${name} ${typeName}`),
    get folder() {
      return folder;
    },
  };
}

function shown(field: Field): string {
  return 'isNull' in field ? 'NULL' : String(Object.values<string | number | boolean>(field)[0]);
}
