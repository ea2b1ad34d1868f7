/** Opens the source in the psql client, read only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExtractConfiguration } from '@user-behaviour/extract-purchases/config';
import { connectionSettings } from '@user-behaviour/source/connection-settings';
import { sessionOptions } from '@user-behaviour/source/session';
import { Failure } from '@user-behaviour/shared/failure';
import type { Environment } from '@user-behaviour/shared/runner/config';

/** The variables of libpq. As a variable the password is not among the arguments, which `ps` shows. */
export async function psqlEnvironment(
  configuration: ExtractConfiguration,
  environment: Environment,
): Promise<NodeJS.ProcessEnv> {
  const { host, port, database, user, password, ssl } = await connectionSettings(configuration);
  const tls =
    ssl === false
      ? { PGSSLMODE: 'disable' }
      : {
          PGSSLMODE: 'verify-full',
          PGSSLROOTCERT: configuration.SOURCE_DATABASE_CA_FILE ?? 'system',
        };
  return {
    ...environment,
    // These would lead elsewhere.
    PGSERVICE: undefined,
    PGHOSTADDR: undefined,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: String(password),
    PGAPPNAME: 'operator',
    PGOPTIONS: sessionOptions(0),
    ...tls,
  };
}

/**
 * Returns the exit code of psql.
 * @throws a configuration failure if there is no psql on PATH.
 */
export async function runPsql(env: NodeJS.ProcessEnv): Promise<number> {
  // In psql, Ctrl-C cancels a query. It reaches this process as well, which must stay.
  const stay = () => undefined;
  process.on('SIGINT', stay);
  try {
    const [code] = (await once(spawn('psql', { stdio: 'inherit', env }), 'close')) as [
      number | null,
    ];
    return code ?? 143;
  } catch (cause) {
    throw new Failure('configuration', 'could not start psql, the client of PostgreSQL', {
      cause,
      action:
        'install it (Debian: apt-get install postgresql-client, macOS: brew install libpq), or use make psql SQL="select …", which does without',
    });
  } finally {
    process.off('SIGINT', stay);
  }
}
