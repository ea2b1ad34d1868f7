/** Starts the servers, measures the requested sections and saves the result of each. */
import { mkdir } from 'node:fs/promises';
import type { BenchContext, SectionResult } from './bench-context.ts';
import { connectionsVariable } from './jobs.ts';
import { startCloud } from './servers/local-cloud.ts';
import { waitForIdle, describeMachine } from './measure/machine.ts';
import { installedPeers } from './candidates/peer-candidates.ts';
import { paths } from './paths.ts';
import { saveResult } from './result.ts';
import { measureAwsLike } from './sections/aws-like.ts';
import { measureBackfill } from './sections/backfill.ts';
import { measureBigDay } from './sections/big-day.ts';
import { measureGrowth } from './sections/growth.ts';
import { measureSmallDay } from './sections/small-day.ts';
import { measureSourcePrice } from './sections/source-price.ts';
import { measureSpark } from './sections/spark-clean.ts';
import { seedSource, type SeedFiles } from './servers/seed.ts';
import type { Section, Settings } from './settings.ts';
import { requirePgbench } from './shop/pgbench.ts';
import { findVersions, outputOf } from './measure/versions.ts';
import { startVersitygw } from './servers/versitygw.ts';

const measureSection: Readonly<Record<Section, (context: BenchContext) => Promise<SectionResult>>> =
  {
    big: measureBigDay,
    small: measureSmallDay,
    spark: measureSpark,
    backfill: measureBackfill,
    growth: measureGrowth,
    source: measureSourcePrice,
    'aws-like': measureAwsLike,
  };

export interface RunOptions {
  readonly settings: Settings;
  readonly files: SeedFiles;
  /** PATH and similar variables; no personal settings of AWS, Postgres or Python. */
  readonly base: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export async function runSections({
  settings,
  files,
  base,
  signal,
  log,
}: RunOptions): Promise<void> {
  if (settings.BENCH.includes('source')) await requirePgbench();
  await mkdir(paths.work, { recursive: true });
  await using cloud = await startCloud(base);
  await using stack = new AsyncDisposableStack();
  const gateway =
    settings.S3_SERVER === 'versitygw' ? stack.use(await startVersitygw(cloud.env)) : undefined;
  const extractEnv = {
    ...cloud.env,
    ...(gateway === undefined ? {} : { AWS_ENDPOINT_URL_S3: gateway.endpoint }),
  };
  const reviews = await seedSource(cloud.env, files);
  const server = cloud.env['SOURCE_DATABASE_URL'] ?? '';
  const hasPsql = (await outputOf('psql', ['--version'])) !== '';
  const { candidates, missing } = await installedPeers(
    settings.PEERS.filter((name) => hasPsql || (name !== 'aws' && name !== 'rclone')),
  );
  const connections = await connectionsVariable(base);
  const remarks = [
    ...(hasPsql ? [] : ['psql is not installed: the ratios to it are missing.']),
    ...(missing.length === 0 ? [] : [`Not installed: ${missing.join(', ')}.`]),
    ...(files.purchases === '' ? ['Data: the generated sample (no PURCHASES was given).'] : []),
  ];
  for (const line of remarks) log(line);
  const context: BenchContext = {
    ...{ settings, base, cloud, env: cloud.env, extractEnv, reviews, signal, log, hasPsql },
    seeded: { server, name: new URL(server).pathname.slice(1), origin: files.purchases },
    purchases: files,
    python: paths.python,
    connections,
    peers: candidates,
  };
  const versions = await findVersions(server);
  for (const section of settings.BENCH) {
    log(`--- ${section}`);
    await waitForIdle(signal, log);
    const machine = await describeMachine();
    const started = performance.now();
    const { entries, notes } = await measureSection[section](context);
    await saveResult(paths.results, {
      section,
      date: new Date().toISOString().slice(0, 10),
      machine,
      versions,
      settings: {
        rounds: String(settings.ROUNDS),
        scale: String(settings.SCALE),
        share: `${String(settings.SHARE)} %`,
        S3: settings.S3_SERVER,
      },
      notes: [...remarks, ...notes],
      entries: [...entries],
    });
    log(`--- ${section} took ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  }
}
