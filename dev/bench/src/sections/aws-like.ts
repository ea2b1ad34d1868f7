/** One day, and many days, with all four jobs, where AWS's latencies are added to the local cloud's. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { startFronts, type Fronts } from '../aws-like/fronts.ts';
import { mostInASecond, splitTime } from '../aws-like/recording.ts';
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { dayAfter } from '../day-range.ts';
import { measure } from '../measure/measurement.ts';
import { paths, workspace } from '../paths.ts';
import type { Entry } from '../result.ts';
import { splitReviews } from '../review-days.ts';
import { startCloud } from '../servers/local-cloud.ts';
import { seedSource } from '../servers/seed.ts';
import { bigDay } from '../servers/source-database.ts';
import { warmUpSpark } from '../servers/warm-up-spark.ts';

/** 2010-12-01 to 2011-12-09. */
const history = 374;

export async function measureAwsLike(context: BenchContext): Promise<SectionResult> {
  const state = join(paths.work, 'aws-like');
  await rm(state, { recursive: true, force: true });
  const reviews = await splitReviews(context.reviews, join(state, 'reviews'), bigDay, history);
  const entries: Entry[] = [];
  const notes: string[] = [];
  for (const days of new Set([1, context.settings.DAYS])) {
    const part = await context.progress.once(`${String(days)} days`, () =>
      measureDays(days, reviews, join(state, String(days)), context),
    );
    entries.push(...part.entries);
    notes.push(part.note);
  }
  return { entries, notes };
}

async function measureDays(days: number, reviews: string, folder: string, context: BenchContext) {
  await mkdir(folder, { recursive: true });
  await using cloud = await startCloud(throughFronts(context.base), join(folder, 'cloud'));
  const env = { ...cloud.env, REVIEWS_SOURCE: reviews };
  await seedSource(env, context.purchases);
  await warmUpSpark(context, env);
  // An ordinary day finds the tables made.
  if (days === 1) await backfill(bigDay, bigDay, env, context);
  const first = days === 1 ? dayAfter(bigDay, 1) : bigDay;
  await using fronts = await startFronts(env, folder);
  await backfill(first, dayAfter(first, days - 1), fronts.env, context);
  if (fronts.recording.loads === 0) {
    throw new Error('latencies.ts did not recognize the statements of a load');
  }
  const note = rates(fronts, days);
  context.log(`aws-like: ${note}`);
  return { entries: await entriesOf(fronts, days), note };
}

/** A front has another port than the server, whose name the programs sign. */
const throughFronts = (base: BenchContext['base']) => ({ ...base, LOCAL_CLOUD_HOSTS: '127.0.0.1' });

const operator = join(workspace, 'packages/operator/src/main.ts');

/** As `make backfill` does it. @throws unless every day is done. */
async function backfill(
  from: string,
  to: string,
  env: Readonly<Record<string, string>>,
  context: BenchContext,
): Promise<void> {
  const range = [`--from=${from}`, `--to=${to}`, '--yes'];
  const args = ['--disable-warning=ExperimentalWarning', operator, 'backfill', ...range];
  const { wall } = await measure({ file: execPath, args, env }, context);
  context.log(`aws-like: ${from} to ${to} in ${wall.toFixed(1)} s`);
}

async function entriesOf({ recording, processes }: Fronts, size: number): Promise<Entry[]> {
  const { waits, calls } = recording;
  const all = await processes();
  const whole = all.find(({ job }) => job === 'operator');
  if (whole === undefined) throw new Error('the operator did not tell when it ran');
  const jobs = all.filter(({ job }) => job !== 'operator').sort((a, b) => a.from - b.from);
  const entry = (name: string, job: string | undefined, time: typeof whole): Entry => {
    const own = <T extends { readonly job: string }>(list: readonly T[]) =>
      list.filter((one) => job === undefined || one.job === job);
    const wall = (time.until - time.from) / 1_000;
    const seconds = Object.entries(splitTime(time, own(waits))).map(
      ([kind, milliseconds]) => [kind, milliseconds / 1_000] as const,
    );
    return {
      ...{ name, kind: 'ours', size },
      runs: [{ wall, waits: Object.fromEntries(seconds), calls: own(calls).length }],
    };
  };
  return [
    entry('all four jobs', undefined, whole),
    ...jobs.map((time) => entry(time.job, time.job, time)),
  ];
}

/** What the quotas of the services limit. */
function rates({ recording: { calls, loads } }: Fronts, days: number): string {
  const most = (isOne: (call: (typeof calls)[number]) => boolean) =>
    String(mostInASecond(calls.filter(isOne)));
  const named = (name: RegExp) => most(({ operation }) => name.test(operation));
  return [
    `${String(days)} day${days === 1 ? '' : 's'}: ${String(loads)} load transaction${loads === 1 ? '' : 's'}; at most`,
    `${named(/ExecuteStatement$/)} submissions, ${named(/^DescribeStatement$/)} DescribeStatement,`,
    `${named(/^GetStatementResult$/)} GetStatementResult, ${most(({ service }) => service === 'emr')} calls of EMR`,
    `and ${most(({ service }) => service === 's3')} of S3 in a second.`,
  ].join(' ');
}
