/** The source database: a real PostgreSQL, its data in the state directory. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../supervisor/service.ts';
import { commandLine, endProcess, identify } from '../process-identity.ts';
import { postgresBinaries } from './binaries.ts';
import { makeCluster } from './cluster.ts';
import { takesClients } from './ready-probe.ts';
import { findLauncher, unprivilegedOwner } from './unprivileged.ts';

const user = 'postgres';
const database = 'retail';

/** The address of the database for its clients, the password in it. */
export function databaseUrl(port: number, password: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

export function postgresService(stateDir: string, port: number, password: string): Service {
  const dataDir = join(stateDir, 'postgres');
  return {
    name: 'postgres',
    port,
    // Fast shutdown: sessions are ended, what they had not committed is rolled back.
    stopSignal: 'SIGINT',
    prepare: async () => {
      await mkdir(stateDir, { recursive: true });
      const binaries = await postgresBinaries();
      await makeCluster(binaries, dataDir, { user, password, database });
      await clearStaleServer(dataDir);
      const owner = await unprivilegedOwner(dataDir);
      const launcher = await findLauncher(owner, binaries.postgres, dataDir);
      return launcher.command(binaries.postgres, [
        '-D',
        dataDir,
        '-p',
        String(port),
        ...settings(),
      ]);
    },
    isHealthy: () => takesClients(port, user, database),
  };
}

function settings(): string[] {
  return Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '100',
    // A failing statement may hold row values; they do not belong in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * A server that outlived its supervisor is ended. A postmaster.pid whose number now belongs to some
 * other program is removed: PostgreSQL would take that program for itself and refuse to start.
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
