/** What the jobs cost the shop: its own transactions at the source, alone and beside each job. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { alternate } from '../measure/alternation.ts';
import type { Command } from '../measure/measurement.ts';
import { median } from '../measure/statistics.ts';
import { bytes, count } from '../report/figures.ts';
import { cpuTime, difference } from '../measure/server-time.ts';
import { outputOf } from '../measure/versions.ts';
import type { Run } from '../result.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { shopTable } from '../servers/source-database.ts';
import { hasDebezium } from '../shop/debezium-server.ts';
import { runShop } from '../shop/pgbench.ts';
import { type Scenario, scenarios } from '../shop/scenarios.ts';
import {
  dropScanner,
  logPosition,
  mostLogKept,
  resetShop,
  scansOf,
} from '../shop/shop-database.ts';

/** Seconds that the shop works in each run. */
const duration = 15;

export async function measureSourcePrice(context: BenchContext): Promise<SectionResult> {
  const { settings, log } = context;
  const url = await shopTable(context.seeded, settings);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await dropScanner(url);
  });
  const store = stack.use(new ObjectStore(context.extractEnv));
  const debezium = settings.PEERS.includes('debezium');
  const all = await scenarios(url, { debezium: debezium && hasDebezium() });
  const options = { rounds: settings.ROUNDS, slowFactor: Infinity, slowRounds: settings.ROUNDS };
  const measureOnce = async (scenario: Scenario): Promise<Run> => {
    const bucket = await store.makeBucket();
    try {
      const env = { ...context.extractEnv, SOURCE_DATABASE_URL: url, PIPELINE_BUCKET: bucket };
      const run = await measureScenario(scenario, env, context);
      log(`${scenario.name}: ${JSON.stringify(run)}`);
      return run;
    } finally {
      await store.deleteBucket(bucket);
    }
  };
  const results = await alternate(all, options, (scenario, round) =>
    context.progress.once(`${scenario.name} ${String(round)}`, () => measureOnce(scenario)),
  );
  const version = await outputOf('pgbench', ['--version']);
  return {
    entries: all.map((scenario) => ({
      name: scenario.name,
      kind:
        scenario.follow !== undefined ? 'peer' : scenario.command === undefined ? 'floor' : 'ours',
      runs: [...(results.get(scenario) ?? [])],
    })),
    notes: [
      ...(debezium && hasDebezium()
        ? [followedNote(all.flatMap((scenario) => results.get(scenario) ?? []))]
        : [
            `Debezium Server was not measured: ${debezium ? 'it could not be installed' : 'PEERS does not name it'}.`,
          ]),
      `${version}, 4 clients, ${String(duration)} s a run. The jobs and the shop share this machine's processors.`,
    ],
  };
}

/** What the process beside the shop has done and used. */
function followedNote(runs: readonly Run[]): string {
  const of = (value: (used: NonNullable<Run['follower']>, run: Run) => number) =>
    median(runs.flatMap((run) => (run.follower === undefined ? [] : value(run.follower, run))));
  const perSecond = (value: number) => count(Math.round(value));
  return [
    `Debezium Server sent ${perSecond(of(({ events }, { wall }) => events / wall))} events a second of`,
    `${perSecond(of((_, { shop, wall }) => (2 * (shop?.transactions ?? NaN)) / wall))} changes, one a request to a receiver that only counts.`,
    `It used ${of(({ cpu }, { wall }) => cpu / wall).toFixed(2)} processors and ${bytes(of(({ memory }) => memory))} of memory,`,
    'which the column of the server leaves out. It was started just before the shop opened, so a part of that is its warm-up.',
  ].join(' ');
}

async function measureScenario(
  scenario: Scenario,
  env: Readonly<Record<string, string>>,
  context: BenchContext,
): Promise<Run> {
  const { signal } = context;
  const url = env['SOURCE_DATABASE_URL'] ?? '';
  const run = async ({ file, args, env: whole }: Command) => {
    await promisify(execFile)(file, [...args], { env: { ...whole }, signal });
  };
  await resetShop(url);
  await scenario.setUp?.(env, run);
  try {
    await using follower = await scenario.follow?.(env, signal);
    const before = await follower?.used();
    const postgres = await context.cloud.pidOf('postgres');
    const [cpu, position, scans] = [
      await cpuTime(postgres),
      await logPosition(url),
      await scansOf(url),
    ];
    const started = performance.now();
    const isOver = () => performance.now() - started > duration * 1_000;
    const [shop, kept, jobRuns] = await Promise.all([
      runShop(url, duration, context.base, signal),
      mostLogKept(url, isOver),
      repeat(scenario, env, { run, isOver }),
    ]);
    const wall = (performance.now() - started) / 1_000;
    const serverCpu = difference(await cpuTime(postgres), cpu);
    const written = ((await logPosition(url)) - position) / shop.transactions;
    const after = await follower?.used();
    checkScans(scenario, (await scansOf(url)) - scans);
    return {
      wall,
      shop,
      ...(follower === undefined ? { jobRuns } : {}),
      ...(before === undefined || after === undefined
        ? {}
        : {
            follower: {
              ...after,
              events: after.events - before.events,
              cpu: after.cpu - before.cpu,
            },
          }),
      ...(serverCpu === undefined ? {} : { serverCpu }),
      log: { written, ...(kept === undefined ? {} : { kept }) },
    };
  } finally {
    await scenario.tearDown?.(env);
  }
}

/** Runs the job until the shop closes, one run after another. Returns their number. */
async function repeat(
  { command, every }: Scenario,
  env: Readonly<Record<string, string>>,
  {
    run,
    isOver,
  }: {
    readonly run: (command: Command) => Promise<void>;
    readonly isOver: () => boolean;
  },
): Promise<number> {
  if (command === undefined) return 0;
  let runs = 0;
  const next = () => run(command(env, runs));
  if (every === undefined) {
    while (!isOver()) await delay(100);
    await next();
    return 1;
  }
  while (!isOver()) {
    const pause = delay(every * 1_000);
    await next();
    runs += 1;
    await pause;
  }
  return runs;
}

/** @throws if the job has read the table in another way than the row of the report says. */
function checkScans({ name, scans }: Scenario, seen: number): void {
  if (scans === undefined || scans === seen > 0) return;
  throw new Error(
    `${name}: the table was scanned ${String(seen)} times, expected ${scans ? 'some' : 'none'}`,
  );
}
