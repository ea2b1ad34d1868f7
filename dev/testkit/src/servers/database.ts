/** A separate database for each test, on the one server of the test file. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestCloud } from './cloud.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** With user and password, for SOURCE_DATABASE_URL. */
  readonly url: string;
  /** Runs SQL, which may contain several statements if there are no values. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;
}

/**
 * Creates an empty database, or a copy of another test's database (which must have no connections).
 * Disposal drops it with all its sessions.
 */
export async function freshDatabase(
  cloud: Pick<TestCloud, 'env'>,
  options: { readonly template?: TestDatabase } = {},
): Promise<TestDatabase> {
  const server = cloud.env['SOURCE_DATABASE_URL'];
  if (server === undefined)
    throw new Error('freshDatabase needs a cloud with the service postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.template?.name ?? 'template0';
  await query(server, `create database ${name} template ${template}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    name,
    url,
    query: (sql, values) => query(url, sql, values),
    [Symbol.asyncDispose]: async () => {
      await query(server, `drop database ${name} with (force)`);
    },
  };
}

/** Opens a session per call, so that no open session blocks the database. */
async function query(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql, [...values]);
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}
