/** A PgBouncer in front of a test's database. It is a package of the system: Debian's is `pgbouncer`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLauncher, unprivilegedOwner } from '@user-behaviour/local-cloud/postgres/unprivileged';

const notInstalled = 'on Debian and Ubuntu: apt-get install pgbouncer';

export interface Pooler extends AsyncDisposable {
  /** The address of the same database through the pooler. */
  readonly url: string;
}

/**
 * Starts a pooler in transaction mode with Debian's other defaults and these settings. Each transaction of
 * one connection may get another session of the server.
 * @throws an error that says what to install if there is no PgBouncer.
 */
export async function startPgbouncer(
  database: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pooler> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'pgbouncer-')));
  const file = join(folder.path, 'pgbouncer.ini');
  const port = await freePort();
  await writeFile(file, configuration(new URL(database), port, settings));
  // PgBouncer refuses to run as root.
  const owner = await unprivilegedOwner(folder.path);
  if (owner !== undefined) {
    for (const path of [folder.path, file]) await chown(path, owner.uid, owner.gid);
  }
  const launcher = await findLauncher(owner, '/bin/sh', folder.path);
  const { file: program, args, ...ids } = launcher.command('pgbouncer', ['--quiet', file]);
  const child = spawn(program, args, {
    ...ids,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-1_000);
  });
  let ended: string | undefined;
  const closed = new Promise<void>((resolve) => {
    const end = (why: string) => {
      ended ??= why;
      resolve();
    };
    child.once('error', ({ message }) => {
      end(`${message}; ${notInstalled}`);
    });
    child.once('close', (code) => {
      end(code === 127 ? notInstalled : `it exited with ${String(code)}: ${log}`);
    });
  });
  stack.defer(async () => {
    // At once, with the sessions of its clients.
    child.kill('SIGTERM');
    await closed;
  });
  while (!(await isListening(port))) {
    if (ended !== undefined) throw new Error(`PgBouncer did not start: ${ended}`);
    await sleep(50);
  }
  const all = stack.move();
  return {
    url: Object.assign(new URL(database), { port: String(port) }).href,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function configuration(
  { hostname, port, pathname, username, password }: URL,
  listenPort: number,
  settings: Readonly<Record<string, string>>,
): string {
  const server = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`;
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: String(listenPort),
    auth_type: 'any',
    pool_mode: 'transaction',
    unix_socket_dir: '',
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  return `[databases]\n${pathname.slice(1)} = ${server}\n[pgbouncer]\n${lines.join('\n')}\n`;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
