/**
 * How each transaction at the source begins. Its settings are made in it and last until it ends, so they also
 * hold behind a pooler that refuses or ignores startup parameters, or gives each transaction another session.
 */
import { asset } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';
import type { QueryResult } from 'pg';
import * as z from 'zod';

type Settings = Readonly<Record<string, string>>;

/** Names and values as pg_settings shows them. `statementTimeout` is in milliseconds; 0 is no limit. */
const settingsOf = (statementTimeout: number): Settings => ({
  // A policy that hides rows from this role is then an error instead of a smaller day.
  row_security: 'off',
  statement_timeout: String(statementTimeout),
  // Between two ranges a connection waits for another connection's range, or for S3.
  idle_in_transaction_session_timeout: String(statementTimeout),
  // These decide how values are read and written, so the file must not inherit the server's configuration.
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  client_encoding: 'UTF8',
  // A scan that starts anywhere, or runs in several workers, returns equal rows in a different order.
  synchronize_seqscans: 'off',
  max_parallel_workers_per_gather: '0',
});

/** What `begin` asks for. */
const modes: Settings = {
  transaction_isolation: 'repeatable read',
  transaction_read_only: 'on',
};

/**
 * Makes the server check every 5 s that its client is still there, so that the query of a killed job ends
 * soon. PostgreSQL 14 and newer have this setting.
 */
const optional: Settings = { client_connection_check_interval: '5000' };

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const valuesOf = (settings: Settings): string => {
  const rows = Object.entries(settings).map(
    ([name, value]) => `(${literal(name)}, ${literal(value)})`,
  );
  return `(values ${rows.join(', ')}) as wanted (name, value)`;
};

/**
 * Returns the statements that begin a read-only transaction with one snapshot, which another connection may
 * have exported. Pass their results to `checkBegun`.
 */
export function beginTransaction(statementTimeout: number, snapshot?: string): string {
  if (snapshot !== undefined && !/^[\dA-F-]+$/.test(snapshot)) {
    throw new Failure('bug', `the source named its snapshot ${JSON.stringify(snapshot)}`);
  }
  const settings = settingsOf(statementTimeout);
  return [
    'begin isolation level repeatable read read only',
    // Must precede any query, because the first query takes a new snapshot.
    ...(snapshot === undefined ? [] : [`set transaction snapshot '${snapshot}'`]),
    `select set_config(name, value, true) from ${valuesOf({ ...settings, ...optional })}
     where current_setting(name, true) is not null`,
    `select wanted.name, wanted.value as wanted, setting as found
     from ${valuesOf({ ...settings, ...modes })}
     left join pg_settings on lower(pg_settings.name) = wanted.name`,
    asset('sql/source/extract/transaction.sql'),
  ].join(';\n');
}

const setting = z.object({ name: z.string(), wanted: z.string(), found: z.string().nullable() });

/** A row of sql/source/extract/transaction.sql. */
const transaction = z.object({
  server: z.string(),
  pid: z.number(),
  began: z.string(),
  xmin: z.string(),
});

export type Transaction = z.infer<typeof transaction>;

type Result = QueryResult<Record<string, unknown>>;

/**
 * Returns the transaction and the results of the statements after `beginTransaction`.
 * @throws a configuration failure that names each setting that does not hold, and both values.
 */
export function checkBegun(results: readonly Result[]): {
  readonly transaction: Transaction;
  readonly rest: readonly Result[];
} {
  const last = results.findIndex(({ fields }) => fields[0]?.name === 'server');
  const settings = z
    .array(setting)
    .min(1)
    .parse(results[last - 1]?.rows);
  const refused = settings.filter(({ wanted, found }) => wanted !== found);
  if (refused.length > 0) {
    const texts = refused.map(
      ({ name, wanted, found }) => `${name} is ${found ?? 'unknown'}, expected ${wanted}`,
    );
    throw new Failure('configuration', `the source does not take settings: ${texts.join('; ')}`, {
      action:
        'let SOURCE_DATABASE_URL name PostgreSQL itself, or a pooler that passes on all statements of a transaction',
    });
  }
  return {
    transaction: transaction.parse(results[last]?.rows[0]),
    rest: results.slice(last + 1),
  };
}

/** Returns the settings as libpq's `options`, for a session that is not behind a pooler. */
export const sessionOptions = (statementTimeout: number): string =>
  Object.entries({ default_transaction_read_only: 'on', ...settingsOf(statementTimeout) })
    .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
    .join(' ');
