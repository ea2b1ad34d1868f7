/** A database of its own for each test, on the file's one server. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestCloud } from './cloud.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** With user and password, as SOURCE_DATABASE_URL takes it. */
  readonly url: string;
  /** Runs one text of SQL, which may hold several statements when there are no values. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;
}

/**
 * Makes an empty database, or a copy of another test's one (nobody may be connected to that then).
 * It is dropped at the end, sessions and all.
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

/** A session for each text, so that none is left open that would hold the database. */
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
