/** Starts the servers, measures the requested sections and saves the result of each. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext, SectionResult } from './bench-context.ts';
import { connectionsVariable } from './jobs.ts';
import { startCloud } from './servers/local-cloud.ts';
import { describeMachine } from './measure/machine.ts';
import { installedPeers } from './candidates/peer-candidates.ts';
import { paths, workspace } from './paths.ts';
import { commitOf } from './progress/measured-code.ts';
import { openProgress } from './progress/progress.ts';
import { quietMachine } from './progress/quiet-machine.ts';
import { publish } from './published/publish.ts';
import { measuredVersions } from './published/measured-versions.ts';
import { trialReasons } from './published/trial.ts';
import { type Result, removeResult, savedResult, saveResult } from './result.ts';
import { measureAwsLike } from './sections/aws-like.ts';
import { measureBackfill } from './sections/backfill.ts';
import { measureBigDay } from './sections/big-day.ts';
import { measureGrowth } from './sections/growth.ts';
import { measureRatios } from './sections/ratios.ts';
import { measureSmallDay } from './sections/small-day.ts';
import { measureSourcePrice } from './sections/source-price.ts';
import { measureSpark } from './sections/spark-clean.ts';
import { digestsOf, seedSource, type SeedFiles } from './servers/seed.ts';
import { type Section, type Settings, settingsOf } from './settings.ts';
import { hasPgbench } from './shop/pgbench.ts';
import { findVersions, outputOf, serverVersion } from './measure/versions.ts';
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
    ratios: measureRatios,
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
  const commit = await commitOf();
  const hasPsql = (await outputOf('psql', ['--version'])) !== '';
  const { candidates, missing } = await installedPeers(
    settings.PEERS.filter((name) => hasPsql || (name !== 'aws' && name !== 'rclone')),
  );
  const machine = Object.entries(describeMachine()).filter(([name]) => name !== 'load before');
  // Without a commit, nobody knows whether the code is the same.
  const same = { commit: commit ?? Date.now(), machine, missing, versions: await findVersions() };
  const data = await digestsOf(files);
  const circumstancesOf = (section: Section): string =>
    JSON.stringify({
      ...same,
      settings: Object.fromEntries(settingsOf[section].map((name) => [name, settings[name]])),
      // It makes its own rows.
      ...(section !== 'ratios' && { data }),
    });
  const trialOf = (section: Section) => trialReasons(section, settings, files.purchases);
  const wanted: Section[] = [];
  for (const section of await measurable(settings.BENCH, log)) {
    if (settings.FORCE) await forget(section);
    const kept = await savedResult(paths.results, section);
    const isMeasured =
      kept?.circumstances === circumstancesOf(section) && !(kept.isBusy && settings.PATIENCE > 0);
    if (!isMeasured) wanted.push(section);
    else {
      log(
        `${section} has already been measured with this code and these settings; FORCE=1 measures it again`,
      );
      await publish(kept, workspace, trialOf(section), log);
    }
  }
  if (wanted.length === 0) return;
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
  const remarks = [
    ...(hasPsql ? [] : ['psql is not installed: the ratios to it are missing.']),
    ...(missing.length === 0 ? [] : [`Not installed: ${missing.join(', ')}.`]),
    ...(files.purchases === '' ? ['Data: the generated sample (no PURCHASES was given).'] : []),
  ];
  for (const line of remarks) log(line);
  const context = {
    ...{ settings, base, cloud, env: cloud.env, extractEnv, reviews, signal, log, hasPsql },
    seeded: { server, name: new URL(server).pathname.slice(1), origin: files.purchases },
    purchases: files,
    python: paths.python,
    connections: await connectionsVariable(base),
    peers: candidates,
  };
  const versions = { PostgreSQL: await serverVersion(server), ...same.versions };
  for (const section of wanted) {
    const started = performance.now();
    const progress = await openProgress(progressOf(section), circumstancesOf(section), {
      quiet: quietMachine({ patience: settings.PATIENCE * 60, signal, log }),
      isPatient: settings.PATIENCE > 0,
    });
    const { found, discarded } = progress;
    log(
      `--- ${section}: ${String(found)} earlier measurements are kept, ${String(discarded)} are discarded`,
    );
    const before = describeMachine();
    const { entries, notes } = await measureSection[section]({ ...context, progress });
    const result: Result = {
      section,
      date: new Date().toISOString().slice(0, 10),
      code: { commit: commit ?? 'unknown', projects: await measuredVersions(section) },
      machine: { ...before, 'other work': `${(progress.others() * 100).toFixed(0)} %` },
      isBusy: progress.isBusy(),
      versions,
      settings: shownSettings(section, settings),
      // It makes its own rows, and needs no peers.
      notes: section === 'ratios' ? [...notes] : [...remarks, ...notes],
      circumstances: circumstancesOf(section),
      entries: [...entries],
    };
    await saveResult(paths.results, result);
    if (!result.isBusy) await progress.close();
    await publish(result, workspace, trialOf(section), log);
    log(`--- ${section} took ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  }
}

/** Those that the section depends on, as the page shows them. */
const shownSettings = (section: Section, settings: Settings): Record<string, string> =>
  Object.fromEntries(
    settingsOf[section]
      .filter((name) => name !== 'PEERS')
      .map((name) => [
        shownNames[name],
        `${String(settings[name])}${name === 'SHARE' ? ' %' : ''}`,
      ]),
  );

const shownNames = {
  ROUNDS: 'rounds',
  SCALE: 'scale',
  SHARE: 'share',
  S3_SERVER: 'S3',
  LARGEST: 'largest day',
  HISTORY: 'history',
  DAYS: 'days',
} as const;

const progressOf = (section: Section) => join(paths.progress, `${section}.jsonl`);

async function forget(section: Section): Promise<void> {
  await rm(progressOf(section), { force: true });
  await removeResult(paths.results, section);
}

/** Without pgbench, the section `source` is left out. @throws if nothing is left. */
async function measurable(
  named: readonly Section[],
  log: (line: string) => void,
): Promise<readonly Section[]> {
  if (!named.includes('source') || (await hasPgbench())) return named;
  const problem =
    'the section source needs pgbench, which is not on the PATH (Debian: postgresql; Alpine: postgresql-client)';
  const others = named.filter((section) => section !== 'source');
  if (others.length === 0) throw new Error(problem);
  log(`left out: ${problem}`);
  return others;
}
