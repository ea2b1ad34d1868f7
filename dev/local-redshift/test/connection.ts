/** Clients of the PostgreSQL protocol for tests. */
import { Client } from 'pg';
import type { RedshiftSuite } from './suite.ts';

export interface WireClients {
  /** A new connection, which ends with the test. */
  readonly connect: (change?: {
    user?: string;
    password?: string;
    database?: string;
    options?: string;
    application_name?: string;
  }) => Promise<Client>;
  readonly closeAll: () => Promise<void>;
}

export function clientsOf(suite: RedshiftSuite): WireClients {
  const open: Client[] = [];
  return {
    connect: async (change = {}) => {
      const client = new Client({ ...addressOf(suite), ...change });
      // A server that ends the connection is part of some tests.
      client.on('error', () => undefined);
      await client.connect();
      open.push(client);
      return client;
    },
    closeAll: async () => {
      for (const client of open.splice(0)) await client.end().catch(() => undefined);
    },
  };
}

function addressOf(suite: RedshiftSuite) {
  const { hostname, port, username, password, pathname } = new URL(suite.cloud.wireUrl);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
}

/** The rows as arrays. */
export async function rowsOf(
  client: Client,
  text: string,
  values: unknown[] = [],
): Promise<unknown[][]> {
  const { rows } = await client.query({ text, values, rowMode: 'array' });
  return rows as unknown[][];
}

/** The SQLSTATE and the message of a statement that must fail. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { code, message };
  }
  throw new Error('expected an error');
}
