/** The load of a shop on its own database, made by pgbench. */
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf } from '../measure/versions.ts';

/** transaction.sql gives each client its own rows, by this number. */
const clients = 4;

export interface ShopLoad {
  /** Transactions a second, without the time to connect. */
  readonly tps: number;
  readonly transactions: number;
  /** Milliseconds within which 99 % of the transactions ended. */
  readonly p99: number;
}

export const hasPgbench = async (): Promise<boolean> =>
  (await outputOf('pgbench', ['--version'])) !== '';

/** Runs transaction.sql as fast as the server can for some seconds. @throws with pgbench's output. */
export async function runShop(
  databaseUrl: string,
  seconds: number,
  { PATH = '' }: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ShopLoad> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-shop-'));
  const { stdout } = await promisify(execFile)(
    'pgbench',
    [
      ...['--no-vacuum', '--protocol=prepared', `--client=${String(clients)}`],
      ...[`--time=${String(seconds)}`, `--file=${join(import.meta.dirname, 'transaction.sql')}`],
      ...['--log', `--log-prefix=${join(folder.path, 'log')}`],
    ],
    {
      signal,
      // Not in the arguments, which other users can read.
      env: {
        PATH,
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: decodeURIComponent(username),
        PGPASSWORD: decodeURIComponent(password),
        PGDATABASE: pathname.slice(1),
      },
    },
  );
  const logs = await Promise.all(
    (await readdir(folder.path)).map((name) => readFile(join(folder.path, name), 'utf8')),
  );
  return parseShopLoad(stdout, logs.join(''));
}

/** @throws if the output of pgbench or its log has not the expected form. */
export function parseShopLoad(output: string, log: string): ShopLoad {
  // Older versions print a second value, which excludes the time to connect.
  const tps = Number([...output.matchAll(/^tps = ([\d.]+)/gm)].at(-1)?.[1]);
  // client_id transaction_no time script_no …: "Per-Transaction Logging" in the manual of pgbench. µs.
  const times = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split(' ')[2]))
    .sort((one, other) => one - other);
  const last = times[Math.ceil(times.length * 0.99) - 1];
  if (!Number.isFinite(tps) || last === undefined || times.some(Number.isNaN)) {
    throw new Error(`pgbench printed something else than expected:\n${output}`);
  }
  return { tps, transactions: times.length, p99: last / 1_000 };
}
