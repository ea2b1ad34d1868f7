/** What runs beside the shop. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jobCommand } from '../jobs.ts';
import type { Command } from '../measure/measurement.ts';
import { workspace } from '../paths.ts';
import { runSql } from '../servers/source-database.ts';
import { type Follower, followSource } from './debezium-server.ts';
import { asScanner, daysOf } from './shop-database.ts';

type Env = Readonly<Record<string, string>>;

export interface Scenario {
  readonly name: string;
  /** Seconds from one start of the job to the next, at least; undefined if it runs once, after the shop. */
  readonly every?: number;
  /** The n-th run; undefined if nothing runs beside the shop. `env` has an empty bucket and the database. */
  readonly command?: (env: Env, n: number) => Command;
  readonly setUp?: (env: Env, run: (command: Command) => Promise<unknown>) => Promise<void>;
  readonly tearDown?: (env: Env) => Promise<void>;
  /** Starts a process that runs all the time beside the shop, after `setUp`. */
  readonly follow?: (env: Env, signal: AbortSignal) => Promise<Follower>;
  /** Whether the job must read the table from its start to its end, or must not. */
  readonly scans?: boolean;
}

/** Seconds. A day is extracted once a day, which no measurement of seconds would see. */
const often = 2;

const source = (env: Env): string => env['SOURCE_DATABASE_URL'] ?? '';

const sql = async (env: Env, path: string): Promise<void> => {
  await runSql(source(env), await readFile(join(workspace, 'sql/source/capture', path), 'utf8'));
};

/** Sets the source up for capture, with its slot, and removes both afterwards. */
const captured = {
  command: (env) => jobCommand('capture-purchases', ['--log-format=json'], env),
  setUp: async (env, run) => {
    await sql(env, '010_identity_and_publication.sql');
    await run(jobCommand('capture-purchases', ['--reset', '--log-format=json'], env));
  },
  tearDown: async (env) => {
    const active = 'select 1 from pg_replication_slots where active';
    while ((await runSql(source(env), active)).length > 0) await delay(100);
    await sql(env, '090_drop.sql');
  },
} as const satisfies Partial<Scenario>;

/** Debezium makes the slot; the publication and the identity are those of capture. */
const followed: Scenario = {
  name: 'Debezium Server, to HTTP',
  setUp: (env) => sql(env, '010_identity_and_publication.sql'),
  follow: (env, signal) => followSource(source(env), signal),
  tearDown: captured.tearDown,
};

export async function scenarios(
  url: string,
  { debezium }: { readonly debezium: boolean },
): Promise<readonly Scenario[]> {
  const days = await daysOf(url);
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const extraction = (env: Env, n: number) =>
    jobCommand('extract-purchases', [`--ds=${days[n % days.length] ?? ''}`], env);
  const scanner = await asScanner(url, randomBytes(18).toString('hex'));
  return [
    { name: 'nothing' },
    {
      name: 'a process that asks nothing (--help)',
      every: often,
      command: (env) => jobCommand('extract-purchases', ['--help'], env),
      scans: false,
    },
    { name: 'a day by index', every: often, command: extraction, scans: false },
    {
      name: 'a day without the index',
      every: often,
      command: (env, n) => extraction({ ...env, SOURCE_DATABASE_URL: scanner }, n),
      scans: true,
    },
    {
      name: 'the look, all days',
      every: often,
      command: (env) =>
        jobCommand('extract-purchases', ['--look', `--ds=${first}`, `--through=${last}`], env),
      scans: true,
    },
    { name: 'capture, every minute', every: 2, ...captured },
    { name: 'capture, every 5 minutes', every: 10, ...captured },
    { name: 'capture, once after the shop', ...captured },
    ...(debezium ? [followed] : []),
  ];
}
