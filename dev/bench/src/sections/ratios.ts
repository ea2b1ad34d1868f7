/**
 * The CPU time of extract-purchases beside that of a program that needs no installation. The section records the
 * ratios, and every run of the tests measures them again, on whatever machine: other work changes CPU time less than time.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { jobCommand, summaries } from '../jobs.ts';
import { alternate } from '../measure/alternation.ts';
import { type Command, measure } from '../measure/measurement.ts';
import { paths, workspace } from '../paths.ts';
import type { Progress } from '../progress/progress.ts';
import type { Entry, Run } from '../result.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { copyStatement, databaseUrl, dayQuery, runSql, table } from '../servers/source-database.ts';

type Env = Readonly<Record<string, string>>;

export interface RatioOptions {
  /** Where the servers are; SOURCE_DATABASE_URL is that of a login that may create databases. */
  readonly env: Env;
  readonly rounds: number;
  readonly python: string;
  readonly signal: AbortSignal;
  readonly once: Progress['once'];
}

/** The first costs the start of a program, the second shows what the rows cost. */
const days = [
  { ds: '2010-12-01', rows: 1_000 },
  { ds: '2010-12-02', rows: 1_000_000 },
] as const;

interface Program {
  readonly name: string;
  readonly kind: Entry['kind'];
  /** Rows of the day. Programs of the same day are compared. */
  readonly size: number;
  readonly command: (env: Env) => Command;
  /** Whether it has to publish the rows. */
  readonly publishes: boolean;
}

async function programsOf({ ds, rows }: (typeof days)[number]): Promise<readonly Program[]> {
  const COPY = copyStatement(await dayQuery(ds));
  return [
    {
      name: 'COPY by Node, to nothing',
      ...{ kind: 'peer', size: rows, publishes: false },
      command: (env) => ({
        file: execPath,
        args: [join(paths.peers, 'copy_by_node.mjs')],
        env: { ...env, COPY },
      }),
    },
    {
      name: 'extract-purchases',
      ...{ kind: 'ours', size: rows, publishes: true },
      command: (env) => jobCommand('extract-purchases', [`--ds=${ds}`, '--log-format=json'], env),
    },
  ];
}

/** Runs the programs in turns. @throws if a day is not published whole. */
export async function measureCpu({
  env,
  rounds,
  once,
  ...options
}: RatioOptions): Promise<Entry[]> {
  await using source = await makeSource(env['SOURCE_DATABASE_URL'] ?? '');
  using store = new ObjectStore(env);
  const run = async ({ name, size, command, publishes }: Program): Promise<Run> => {
    const bucket = await store.makeBucket();
    try {
      const own = { ...env, SOURCE_DATABASE_URL: source.url, PIPELINE_BUCKET: bucket };
      const { stdout, wall, cpu, memory } = await measure(command(own), options);
      const rows = publishes ? summaries(stdout)[0]?.rows : size;
      if (rows !== size) {
        throw new Error(`${name} published ${String(rows)} rows, expected ${String(size)}`);
      }
      return { wall, cpu, memory };
    } finally {
      await store.deleteBucket(bucket);
    }
  };
  const all = (await Promise.all(days.map(programsOf))).flat();
  const results = await alternate(
    all,
    { rounds, slowFactor: Infinity, slowRounds: 0 },
    (program, round) =>
      once(`${program.name} ${String(program.size)} ${String(round)}`, () => run(program)),
  );
  return all.map((program) => {
    const { name, kind, size } = program;
    return { name, kind, size, runs: [...(results.get(program) ?? [])] };
  });
}

/** A database with the two days; removed at the end, and by the next run if this one is killed. */
async function makeSource(server: string): Promise<AsyncDisposable & { readonly url: string }> {
  const name = 'bench_ratios';
  const drop = `drop database if exists ${name} with (force)`;
  await runSql(server, drop, `create database ${name}`);
  const url = databaseUrl(server, name);
  await runSql(
    url,
    await readFile(join(workspace, 'sql/source/001_user_purchase.sql'), 'utf8'),
    ...days.map(
      ({ ds, rows }) =>
        `insert into ${table}
         select n::text, (n % 4000)::text, 'WHITE HANGING HEART, T-LIGHT', n % 9 + 3, timestamp '${ds} 09:00', 2.55,
           nullif(n % 4000, 0), 'United Kingdom'
         from generate_series(1, ${String(rows)}) as n`,
    ),
    `vacuum analyze ${table}`,
  );
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await runSql(server, drop);
    },
  };
}

export async function measureRatios(context: BenchContext): Promise<SectionResult> {
  const { extractEnv: env, settings, progress, python, signal } = context;
  const { once } = progress;
  const entries = await measureCpu({ env, rounds: settings.ROUNDS, once, python, signal });
  return { entries, notes: [] };
}
