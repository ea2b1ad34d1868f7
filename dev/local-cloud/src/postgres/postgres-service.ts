/** The source database: a real PostgreSQL with its data in the state directory. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../supervisor/service.ts';
import { commandLine, endProcess, identify } from '../process-identity.ts';
import { postgresBinaries } from './binaries.ts';
import { makeCluster } from './cluster.ts';
import { type Login, type Logins, setLogins } from './logins.ts';
import { acceptsClients } from './ready-probe.ts';
import { findLauncher, unprivilegedOwner } from './unprivileged.ts';

const database = 'retail';

/** The database's URL for clients, including the password. */
export function databaseUrl(port: number, { user, password }: Login): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Without an owner of the database, the logins of the data stay as they are; a replica needs that. */
export function postgresService(
  stateDir: string,
  port: number,
  { superuser, owner }: Pick<Logins, 'superuser'> & Partial<Logins>,
): Service {
  const dataDir = join(stateDir, 'postgres');
  let hasLogins = false;
  return {
    name: 'postgres',
    port,
    // Fast shutdown: ends all sessions and rolls back open transactions.
    stopSignal: 'SIGINT',
    prepare: async () => {
      await mkdir(stateDir, { recursive: true });
      const binaries = await postgresBinaries();
      await makeCluster(binaries, dataDir, { ...superuser, database });
      await clearStaleServer(dataDir);
      const user = await unprivilegedOwner(dataDir);
      const launcher = await findLauncher(user, binaries.postgres, dataDir);
      // A server that is restarted after a crash has them.
      if (owner !== undefined && !hasLogins) {
        const postgres = (args: readonly string[]) => launcher.command(binaries.postgres, args);
        await setLogins(postgres, dataDir, database, { superuser, owner });
        hasLogins = true;
      }
      return launcher.command(binaries.postgres, [
        '-D',
        dataDir,
        '-p',
        String(port),
        ...settings(),
      ]);
    },
    isHealthy: () => acceptsClients(port, superuser.user, database),
  };
}

function settings(): string[] {
  return Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '100',
    // For capture-purchases.
    wal_level: 'logical',
    // A failing statement may contain row values, which do not belong in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * Ends a server that has outlived its supervisor. If the PID in postmaster.pid now belongs to another
 * program, removes the file: PostgreSQL would take that program for a running server and refuse to start.
 */
async function clearStaleServer(dataDir: string): Promise<void> {
  const path = join(dataDir, 'postmaster.pid');
  const content = await readFile(path, 'utf8').catch(() => '');
  const pid = Number.parseInt(content, 10);
  if (!Number.isInteger(pid) || pid < 1) return;
  const identity = identify(pid);
  if (identity === undefined) return;
  if (commandLine(pid).includes(`-D ${dataDir} `)) await endProcess(identity, 'SIGINT', 20_000);
  else await rm(path, { force: true });
}
