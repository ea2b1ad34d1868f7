/** One connection that takes both statements and the commands of replication. */
import { asset } from '@user-behaviour/shared/asset';
import { connectionSettings } from '@user-behaviour/source/connection-settings';
import { attempt } from '@user-behaviour/source/errors';
import { sessionOptions } from '@user-behaviour/source/session';
import { checkColumns, type Column } from '@user-behaviour/source/table-schema';
import pg from 'pg';
import type { CaptureConfiguration } from '../config.ts';

export async function connectForReplication(
  configuration: CaptureConfiguration,
): Promise<pg.Client> {
  const settings: pg.ClientConfig & { readonly replication: 'database' } = {
    ...(await connectionSettings(configuration)),
    application_name: 'capture-purchases',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    // The texts of values must be those that the extraction reads, whatever the server's configuration.
    options: sessionOptions(configuration.SOURCE_STATEMENT_TIMEOUT),
    replication: 'database',
  };
  const client = new pg.Client(settings);
  // The running query reports a broken connection. An 'error' event without a listener ends the process.
  client.on('error', () => undefined);
  await attempt('connect to the source for replication', () => client.connect());
  return client;
}

/**
 * Returns the columns of the type `character(n)`, whose padding is no part of a value.
 * @throws a data failure if the table has not the expected columns.
 */
export async function paddedColumns(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await attempt('read the columns of the source', () =>
    client.query<Column>(asset('sql/source/extract/columns.sql')),
  );
  checkColumns(rows);
  const padded = rows.filter(({ type }) => /^(character(\(|$)|bpchar)/.test(type));
  return new Set(padded.map(({ name }) => name));
}
