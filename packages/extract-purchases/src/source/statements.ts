/** What is asked of the source around a copy, in as few round trips as can be. */
import { asset } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { DayFacts } from './page-ranges.ts';
import { planSize, planWarning } from './query-plan.ts';
import type { SourceConnection } from './connection.ts';
import { checkColumns } from './table-schema.ts';

export interface TableFacts {
  /** The planner's estimate. */
  readonly rows: number;
  readonly pages: number;
  readonly isOrdinary: boolean;
  readonly serverVersion: number;
  readonly header: Buffer;
}

const columns = z.array(z.object({ name: z.string(), type: z.string() }));
const table = z.object({
  rows: z.number(),
  pages: z.number(),
  ordinary: z.boolean(),
  version: z.number(),
});

/**
 * The server itself looks whether its reader is still there: a query of a killed job ends within
 * seconds, however long it would run. PostgreSQL 14 and newer; older ones have no such setting.
 */
const watchReader = `select set_config(name, '5s', true) from pg_settings where name = 'client_connection_check_interval'`;
const begin = 'begin isolation level repeatable read read only';

const size = `select reltuples::float8 as rows, relkind = 'r' as ordinary,
    case when relkind = 'r' then pg_relation_size(oid) / current_setting('block_size')::int else 0 end::float8 as pages,
    current_setting('server_version_num')::int as version
  from pg_class where oid = to_regclass('retail.user_purchase')`;

/** Whether the table is what the extraction relies on. @throws a data failure that names all differences. */
export async function checkTable(connection: SourceConnection, query: string): Promise<TableFacts> {
  const doing = 'check the table at the source';
  const [found] = await connection.query(doing, asset('sql/source/extract/columns.sql'));
  checkColumns(columns.parse(found?.rows));
  const [facts, described] = await connection.query(
    doing,
    `${size}; select * from (${query}) as day limit 0`,
  );
  const { rows, pages, ordinary, version } = table.parse(facts?.rows[0]);
  const names = described?.fields.map(({ name }) => name) ?? [];
  return {
    rows,
    pages,
    isOrdinary: ordinary,
    serverVersion: version,
    header: Buffer.from(`${names.join(',')}\n`),
  };
}

/** Begins the day's transaction: from now on the connection sees one state. */
export async function beginDay(
  connection: SourceConnection,
  query: string,
  facts: TableFacts,
): Promise<{ facts: DayFacts; warning: string | undefined }> {
  const [, , explained] = await connection.query(
    'begin at the source',
    `${begin}; ${watchReader}; explain (format json) ${query}`,
  );
  const explanation = explained?.rows[0]?.['QUERY PLAN'];
  const { scansWhole, bytes } = planSize(explanation);
  return {
    facts: {
      scansWhole: scansWhole && facts.isOrdinary,
      bytes,
      pages: facts.pages,
      serverVersion: facts.serverVersion,
    },
    warning: planWarning(explanation, facts.rows),
  };
}

/** Makes the connection see the state that another one has exported. */
export async function joinSnapshot(connection: SourceConnection, name: string): Promise<void> {
  if (!/^[\dA-F-]+$/.test(name)) {
    throw new Failure('bug', `the source named its snapshot ${JSON.stringify(name)}`);
  }
  await connection.query(
    'join the snapshot at the source',
    `${begin}; set transaction snapshot '${name}'; ${watchReader}`,
  );
}
