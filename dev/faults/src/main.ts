/**
 * `make soak`: KILLS (200) SIGKILLs at random moments over a backfill of DAYS (30) days with JOBS (4),
 * then `catchup` and `sweep`, in a cloud of its own. SEED makes the same choices again; PURCHASES and REVIEWS take real files.
 */
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { jobs as jobNames } from '@user-behaviour/shared/pipeline';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { EmrInspector } from './observe/emr-inspector.ts';
import { createRandom } from '@user-behaviour/sample/random';
import type { Variables } from './inject/fault-proxy.ts';
import { orphansAfterSweep } from './orphans.ts';
import { RowTally } from './observe/row-tally.ts';
import { finish, soak } from './soak.ts';
import { WarehouseInspector } from './observe/warehouse-inspector.ts';
import { pipelineState } from './observe/pipeline-state.ts';

const started = performance.now();
const tell = (line: string): void => {
  const seconds = Math.round((performance.now() - started) / 1_000);
  process.stderr.write(`soak ${seconds} s: ${line}\n`);
};

function count(name: string, fallback: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} must be a whole number, not ${JSON.stringify(text)}`);
}

/** Loads the sample or the given files. Returns the address of the reviews. */
async function seedSource(databaseUrl: string, folder: string): Promise<string> {
  const settings = join(folder, '.env.local');
  const main = join(import.meta.dirname, '../../sample/src/main.ts');
  const files = (['PURCHASES', 'REVIEWS'] as const).flatMap((name) => {
    const path = process.env[name] ?? '';
    return path === '' ? [] : [`--${name.toLowerCase()}`, path];
  });
  const cwd = process.env['INVOKED_FROM'] ?? process.cwd();
  const argv = [main, '--cwd', cwd, '--state', folder, '--settings', settings, ...files];
  const env = { ...process.env, SOURCE_DATABASE_URL: databaseUrl };
  await promisify(execFile)(process.execPath, argv, { env });
  return /^REVIEWS_SOURCE=(.*)$/m.exec(await readFile(settings, 'utf8'))?.[1] ?? '';
}

async function main(): Promise<number> {
  const seed = count('SEED', Date.now() % 1_000_000);
  const random = createRandom(seed, 'soak');
  const [kills, days, jobs] = [count('KILLS', 200), count('DAYS', 30), count('JOBS', 4)];
  const given = process.env['FROM'] ?? '';
  const from = parseDs(given === '' ? '2010-12-01' : given, 'FROM');
  let to = from;
  for (let day = 1; day < days; day += 1) to = nextDs(to);
  tell(`SEED=${seed}: ${kills} kills over ${from} to ${to}, JOBS=${jobs}`);

  await using folder = await mkdtempDisposable(join(tmpdir(), 'soak-'));
  for (const job of jobNames) await bundleJob(job);
  const cloudIn = (name: string) =>
    startLocalCloud({ stateDir: join(folder.path, name), ports: {} });
  await using disturbed = await cloudIn('disturbed');
  await using quiet = await cloudIn('quiet');
  const database = disturbed.env['SOURCE_DATABASE_URL'] ?? '';
  const common = {
    SOURCE_DATABASE_URL: database,
    REVIEWS_SOURCE: await seedSource(database, folder.path),
    PATH: process.env['PATH'] ?? '',
    // A killed run's days are free again soon.
    EMR_LEASE: '3s',
  };
  await using killedBucket = await freshBucket(disturbed);
  await using quietBucket = await freshBucket(quiet);
  const range = { from, to, jobs, tell };
  const killedEnv: Variables = { ...killedBucket.env, ...common };

  await finish({ ...range, env: { ...quietBucket.env, ...common } }, 'backfill');
  tell('the undisturbed backfill is done');
  const end = await soak({ ...range, env: killedEnv, kills, random });
  tell(`${JSON.stringify(end)}; now catchup, undisturbed`);
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
  const wrong = [different, orphans, found.astray, live].some(({ length }) => length > 0);
  const { metricRows, astray } = found;
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
    partitionsAstray: astray,
    liveSteps: live.length,
    swept: removed,
    orphansAfterSweep: orphans,
  };
  process.stdout.write(`${JSON.stringify(verdict, undefined, 1)}\n`);
  for (const [ds, day] of different.slice(0, 2)) {
    tell(`${ds} is\n${String(found.days.get(ds))}\nexpected\n${day}`);
  }
  return wrong || metricRows !== expected.metricRows ? 1 : 0;
}

process.exitCode = await main();
