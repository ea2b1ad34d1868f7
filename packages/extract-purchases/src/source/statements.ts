/** The statements around a copy, in as few round trips as possible. */
import { asset } from '@user-behaviour/shared/asset';
import { asFailure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { SourceConnection } from './connection.ts';
import type { ScanEstimate } from './page-ranges.ts';
import { fullScanWarning, scanEstimate } from '../table/query-plan.ts';
import { type TablePart, tableParts } from '../table/table-parts.ts';
import { type TableValues, valuesOf } from '../table/load-limits.ts';
import { checkColumns } from '@user-behaviour/source/table-schema';
import { hashesAsScanner, knownHashQuery } from './digests.ts';
import { type DaySelection, purchasesQuery } from './query.ts';

const columns = z.array(z.object({ name: z.string(), type: z.string() }));

const sourceTable = z.object({
  pages: z.number(),
  is_ordinary: z.boolean(),
  has_places: z.boolean(),
  server_version: z.number(),
  tells_system: z.boolean(),
});

const system = z.tuple([z.object({ system_identifier: z.string() })]);

/** A row of sql/source/extract/table.sql and its parts. */
export interface SourceTable extends z.infer<typeof sourceTable> {
  readonly parts: readonly TablePart[];
  /** The names of the query's columns as a line of CSV. */
  readonly header: Buffer;
  readonly values: TableValues;
  /** Of the cluster; undefined if the role may not ask for it. */
  readonly systemIdentifier: string | undefined;
  /** Whether the server hashes records as the scanner does. */
  readonly hashesAsScanner: boolean;
}

/**
 * Reads what the extraction needs to know about the table.
 * @throws a data failure that names every unexpected column.
 */
export async function checkTable(
  connection: SourceConnection,
  day: DaySelection,
): Promise<SourceTable> {
  const doing = 'check the table at the source';
  const [found] = await connection.openTransaction(doing, asset('sql/source/extract/columns.sql'));
  const types = columns.parse(found?.rows);
  checkColumns(types);
  const values = valuesOf(types);
  const query = purchasesQuery(day, values);
  const facts = `${asset('sql/source/extract/table.sql')}; ${asset('sql/source/extract/table_parts.sql')}`;
  const [table, parts, described] = await connection.query(
    doing,
    `${facts}; select * from (${query}) as day limit 0; commit`,
  );
  const names = described?.fields.map(({ name }) => name) ?? [];
  const known = sourceTable.parse(table?.rows[0]);
  return {
    ...known,
    ...(await askServer(connection, known.tells_system, knownHashQuery(known.server_version))),
    parts: tableParts.parse(parts?.rows),
    header: Buffer.from(`${names.join(',')}\n`),
    values,
  };
}

/** What only some servers and roles may be asked. */
async function askServer(
  connection: SourceConnection,
  tellsSystem: boolean,
  hashQuery: readonly string[],
): Promise<Pick<SourceTable, 'systemIdentifier' | 'hashesAsScanner'>> {
  const systemQuery = tellsSystem ? [asset('sql/source/extract/system.sql')] : [];
  const queries = [...hashQuery, ...systemQuery];
  if (queries.length === 0) return { systemIdentifier: undefined, hashesAsScanner: false };
  const doing = 'ask the source which server it is';
  const found = await connection.query(doing, queries.join('; ')).catch((error: unknown) => {
    if (hashQuery.length === 0 || asFailure(error).kind !== 'data') throw error;
    return undefined;
  });
  // A server that is only compatible with PostgreSQL may lack the function that hashes.
  if (found === undefined) return askServer(connection, tellsSystem, []);
  const systems = found[hashQuery.length];
  return {
    systemIdentifier: systems && system.parse(systems.rows)[0].system_identifier,
    hashesAsScanner: hashesAsScanner(found.slice(0, hashQuery.length)[0]?.rows),
  };
}

/** Begins a read-only transaction that sees one snapshot, and plans the query in it. */
export async function beginSnapshot(
  connection: SourceConnection,
  query: string,
  table: SourceTable,
): Promise<{ estimate: ScanEstimate; warning: string | undefined }> {
  const [explained] = await connection.openTransaction(
    'begin at the source',
    `explain (format json, verbose) ${query}`,
  );
  const plan = explained?.rows[0]?.['QUERY PLAN'];
  const { isSequentialScan, bytes } = scanEstimate(plan);
  return {
    estimate: {
      isSequentialScan: isSequentialScan && table.is_ordinary,
      bytes,
      pages: table.pages,
      serverVersion: table.server_version,
    },
    warning: fullScanWarning(plan, table.parts),
  };
}
