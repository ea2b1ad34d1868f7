/** The whole history with all four jobs, starting with an empty bucket and an empty warehouse. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { dayAfter } from '../day-range.ts';
import { jobCommand, summaries } from '../jobs.ts';
import { startCloud } from '../servers/local-cloud.ts';
import { measure } from '../measure/measurement.ts';
import { paths } from '../paths.ts';
import type { Entry, Run } from '../result.ts';
import { splitReviews } from '../review-days.ts';
import { seedSource } from '../servers/seed.ts';
import { bigDay } from '../servers/source-database.ts';
import { warmUpSpark } from '../servers/warm-up-spark.ts';

/** 2010-12-01 to 2011-12-09. */
const days = 374;

/** One measurement: a run that was stopped starts from the beginning. */
export const measureBackfill = (context: BenchContext): Promise<SectionResult> =>
  context.progress.once('all four jobs', () => backfill(context));

async function backfill(context: BenchContext): Promise<SectionResult> {
  const state = join(paths.work, 'backfill');
  await rm(state, { recursive: true, force: true });
  const reviews = await splitReviews(context.reviews, join(state, 'reviews'), bigDay, days);
  await using cloud = await startCloud(context.base, join(state, 'cloud'));
  const env = { ...cloud.env, REVIEWS_SOURCE: reviews };
  await seedSource(env, context.purchases);
  await warmUpSpark(context, env);
  const entries: Entry[] = [];
  const job = async (name: JobName): Promise<void> => {
    const range = [`--ds=${bigDay}`, `--through=${dayAfter(bigDay, days - 1)}`];
    const args = [...range, '--parallel=4', '--log-format=json'];
    const { stdout, ...run } = await measure(jobCommand(name, args, env), context);
    const done = summaries(stdout).filter(({ status }) => /^(published|loaded)$/.test(status));
    if (done.length !== days) {
      throw new Error(`${name} completed ${String(done.length)} days, expected ${String(days)}`);
    }
    context.log(`${name}: ${run.wall.toFixed(1)} s`);
    const rows = done.reduce((sum, day) => sum + (day.rows ?? 0), 0);
    entries.push({ name, kind: 'ours', size: days, runs: [run], rows });
  };
  const started = performance.now();
  // The order of `make backfill`.
  await Promise.all([job('extract-purchases'), job('stage-reviews').then(() => job('emr-clean'))]);
  await job('redshift-load');
  const whole: Run = { wall: (performance.now() - started) / 1_000 };
  return {
    entries: [{ name: 'all four jobs', kind: 'ours', size: days, runs: [whole] }, ...entries],
    notes: [
      'extract-purchases runs in parallel with stage-reviews and emr-clean, as in `make backfill`.',
    ],
  };
}
