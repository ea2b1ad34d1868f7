/** The connection to the source database, and the meaning of its errors for seeding. */
import pg from 'pg';
import { Failure } from '@user-behaviour/shared/failure';
import { withoutRowValues } from '@user-behaviour/shared/redaction/postgres-error';

export interface SourceDatabase extends AsyncDisposable {
  readonly client: pg.Client;
}

/**
 * Connects to the address. Seeding replaces the purchases, so a server on another machine is rejected unless
 * `allowRemote`. @throws a configuration or a transient failure.
 */
export async function connect(address: string, allowRemote: boolean): Promise<SourceDatabase> {
  const client = createClient(address);
  if (!allowRemote && !isLocal(client.host)) {
    throw new Failure(
      'configuration',
      `SOURCE_DATABASE_URL names a server on another machine, ${client.host}`,
      {
        action:
          'seeding replaces all purchases there; use the local cloud, or see dev/sample/README.md',
      },
    );
  }
  // A lost connection also fails the current statement, which reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw asSourceFailure(error);
  }
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.end();
    },
  };
}

function createClient(address: string): pg.Client {
  try {
    return new pg.Client({
      connectionString: address,
      application_name: 'seed',
      connectionTimeoutMillis: 10_000,
    });
  } catch {
    throw new Failure('configuration', 'SOURCE_DATABASE_URL is not a postgresql:// address', {
      action: 'correct it; make up writes the address of the local cloud to .env.local',
    });
  }
}

function isLocal(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|\/.*)$/.test(host);
}

const again = { kind: 'transient', action: 'seed again' } as const;
const address = { kind: 'configuration', action: 'correct SOURCE_DATABASE_URL' } as const;
const table = {
  kind: 'configuration',
  action: 'the table must be as in sql/source, and its owner must seed it',
} as const;

/** By the first two characters of the SQLSTATE. */
const classes: Readonly<Record<string, typeof again | typeof address | typeof table>> = {
  '08': again,
  '28': address,
  '3D': address,
  '40': again,
  '42': table,
  '53': again,
  '55': again,
  '57': again,
};

/** Turns an error of the source database into a failure that contains no row value. */
export function asSourceFailure(error: unknown, file = 'the file'): unknown {
  if (error instanceof Failure) return error;
  if (error instanceof pg.DatabaseError) return serverFailure(error, file);
  if (!(error instanceof Error)) return error;
  const lost =
    /^(Connection terminated|timeout expired)/.test(error.message) ||
    ('syscall' in error && 'code' in error);
  if (!lost) return error;
  return new Failure('transient', 'the source database cannot be reached', {
    cause: error,
    action: 'start the local cloud (make up) or correct SOURCE_DATABASE_URL',
  });
}

function serverFailure(error: pg.DatabaseError, file: string): Failure {
  const code = error.code ?? '';
  const cause = withoutRowValues(error) as Error;
  const said = cause.message;
  if (code.startsWith('22') || code.startsWith('23')) {
    // The file fits the table of sql/source, so this table is another one. Its message may quote the value.
    const [, row, column] = /, line (\d+)(?:, column (\w+))?/.exec(error.where ?? '') ?? [];
    const place = [
      file,
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(column === undefined ? [] : [column]),
    ].join(', ');
    return new Failure('data', `${place}: the table refuses the value (SQLSTATE ${code})`, {
      action: 'nothing was loaded; compare the table with sql/source, then seed again',
    });
  }
  const message = `the source database failed: ${said}`;
  const known = classes[code.slice(0, 2)];
  if (known === undefined) return new Failure('bug', message, { cause });
  return new Failure(known.kind, message, { cause, action: known.action });
}
