/**
 * `make soak`: KILLS (200) SIGKILLs at random moments of a backfill of DAYS (30) days with JOBS (4), then
 * `catchup` and `sweep`, in a separate cloud. SEED repeats the random choices; PURCHASES and REVIEWS name real
 * files.
 */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { jobs as jobNames } from '@user-behaviour/shared/pipeline';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { EmrInspector } from './observe/emr-inspector.ts';
import { createRandom } from '@user-behaviour/sample/random';
import type { Variables } from './inject/fault-proxy.ts';
import { orphansAfterSweep } from './orphans.ts';
import { RowTally } from './observe/row-tally.ts';
import { finish, soak } from './soak.ts';
import { WarehouseInspector } from './observe/warehouse-inspector.ts';
import { pipelineState } from './observe/pipeline-state.ts';

const started = performance.now();
const log = (line: string): void => {
  const seconds = Math.round((performance.now() - started) / 1_000);
  process.stderr.write(`soak ${seconds} s: ${line}\n`);
};

function count(name: string, fallback: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} must be an integer, not ${JSON.stringify(text)}`);
}

/** The arguments of `seed` for PURCHASES and REVIEWS. */
function seedArguments(): readonly string[] {
  const files = (['PURCHASES', 'REVIEWS'] as const).flatMap((name) => {
    const path = process.env[name] ?? '';
    return path === '' ? [] : [`--${name.toLowerCase()}`, path];
  });
  return ['--cwd', process.env['INVOKED_FROM'] ?? process.cwd(), ...files];
}

/** The sample has reviews of ten days; the soak may have more, so each of them reads those of the first. */
async function seededEveryDay(source: Variables, folder: string): Promise<Variables> {
  const env = await seeded(source, folder, ...seedArguments());
  if ((process.env['REVIEWS'] ?? '') !== '') return env;
  return { ...env, REVIEWS_SOURCE: (env['REVIEWS_SOURCE'] ?? '').replace('{ds}', '2010-12-01') };
}

async function main(): Promise<number> {
  const seed = count('SEED', Date.now() % 1_000_000);
  const random = createRandom(seed, 'soak');
  const [kills, days, jobs] = [count('KILLS', 200), count('DAYS', 30), count('JOBS', 4)];
  const given = process.env['FROM'] ?? '';
  const from = parseDs(given === '' ? '2010-12-01' : given, 'FROM');
  let to = from;
  for (let day = 1; day < days; day += 1) to = nextDs(to);
  log(`SEED=${seed}: ${kills} kills over ${from} to ${to}, JOBS=${jobs}`);

  await using folder = await mkdtempDisposable(join(tmpdir(), 'soak-'));
  for (const job of jobNames) await bundleJob(job);
  const cloudIn = (name: string) =>
    startLocalCloud({
      stateDir: join(folder.path, name),
      ports: {},
      takesFaults: true,
      asSuperuser: true,
    });
  await using disturbed = await cloudIn('disturbed');
  await using quiet = await cloudIn('quiet');
  const source = {
    SOURCE_DATABASE_URL: disturbed.env['SOURCE_DATABASE_URL'] ?? '',
    PATH: process.env['PATH'] ?? '',
  };
  const common = {
    ...(await seededEveryDay(source, folder.path)),
    // So that a killed run's days become free again soon.
    EMR_LEASE: '3s',
  };
  await using killedBucket = await freshBucket(disturbed);
  await using quietBucket = await freshBucket(quiet);
  const range = { from, to, jobs, log };
  const killedEnv: Variables = { ...killedBucket.env, ...common };

  await finish({ ...range, env: { ...quietBucket.env, ...common } }, 'backfill');
  log('the undisturbed backfill has ended');
  const end = await soak({ ...range, env: killedEnv, kills, random });
  log(`${JSON.stringify(end)}; now catchup, undisturbed`);
  const more = await finish({ ...range, env: killedEnv }, 'catchup');
  const { removed, orphans } = await orphansAfterSweep(killedBucket, killedEnv);

  using killedWarehouse = new WarehouseInspector(killedEnv);
  using quietWarehouse = new WarehouseInspector(quietBucket.env);
  using emr = new EmrInspector(killedEnv);
  const found = await pipelineState(killedBucket, killedWarehouse, from, to);
  const expected = await pipelineState(quietBucket, quietWarehouse, from, to);
  const tally = new RowTally();
  tally.compare(expected.rows, found.rows);
  const { 'lost rows': lostRows, 'doubled rows': doubledRows } = tally.counts;
  const different = [...expected.days].filter(([ds, day]) => found.days.get(ds) !== day);
  const live = [
    ...(await killedWarehouse.runningStatements()),
    ...(await emr.live(killedEnv['EMR_CLUSTER_ID'] ?? '')),
  ];
  const wrong = [different, orphans, found.misplaced, live].some(({ length }) => length > 0);
  const { metricRows, misplaced } = found;
  const verdict = {
    seed,
    ...end,
    startsOfCatchup: more,
    days,
    lostRows,
    doubledRows,
    metricRows,
    expectedRows: expected.metricRows,
    differentDays: different.map(([ds]) => ds),
    partitionsAstray: misplaced,
    liveSteps: live.length,
    swept: removed,
    orphansAfterSweep: orphans,
  };
  process.stdout.write(`${JSON.stringify(verdict, undefined, 1)}\n`);
  for (const [ds, day] of different.slice(0, 2)) {
    log(`${ds} is\n${String(found.days.get(ds))}\nexpected\n${day}`);
  }
  return wrong || metricRows !== expected.metricRows ? 1 : 0;
}

process.exitCode = await main();
