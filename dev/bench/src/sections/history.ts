/** The time of one load when 1, 10, 100 and more days are loaded already. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext } from '../bench-context.ts';
import { dayAfter } from '../day-range.ts';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { jobCommand } from '../jobs.ts';
import { startCloud } from '../servers/local-cloud.ts';
import { measure, type Measurement } from '../measure/measurement.ts';
import { paths } from '../paths.ts';
import type { Entry, Run } from '../result.ts';
import { seedSource } from '../servers/seed.ts';
import { runSql, table } from '../servers/source-database.ts';

const first = '2001-01-01';
/** How many days are loaded one by one at each size of the history. */
const loads = 3;

/** Runs in a separate cloud, with an empty bucket and an empty warehouse. */
export async function measureHistory(context: BenchContext): Promise<readonly Entry[]> {
  const days = context.settings.HISTORY;
  const state = join(paths.work, 'history');
  await rm(state, { recursive: true, force: true });
  await mkdir(state, { recursive: true });
  await writeFile(join(state, 'reviews.csv'), 'cid,review_str\n1,a good film\n2,a bad film\n');
  await using cloud = await startCloud(context.base, join(state, 'cloud'));
  // Seeding creates the table; the sample's days are not measured.
  await seedSource(cloud.env, { purchases: '', reviews: '', cwd: state });
  await fillSource(cloud.env['SOURCE_DATABASE_URL'] ?? '', days);
  const env = { ...cloud.env, REVIEWS_SOURCE: join(state, 'reviews.csv') };
  const run = async (job: JobName, from: number, to: number): Promise<Measurement> => {
    const range = [`--ds=${dayAfter(first, from)}`, `--through=${dayAfter(first, to)}`];
    return measure(jobCommand(job, [...range, '--parallel=4', '--log-format=json'], env), context);
  };
  for (const job of ['extract-purchases', 'stage-reviews', 'emr-clean'] as const) {
    const { wall } = await run(job, 0, days - 1);
    context.log(`history: ${job} of ${String(days)} days ${wall.toFixed(1)} s`);
  }
  const entries: Entry[] = [];
  let loaded = 0;
  for (const size of [1, 10, 100, 1_000].filter((size) => size <= days)) {
    const alone = Math.max(loaded, size - loads);
    if (alone > loaded) await run('redshift-load', loaded, alone - 1);
    const runs: Run[] = [];
    for (let at = alone; at < size; at += 1) {
      const { wall, cpu, memory } = await run('redshift-load', at, at);
      runs.push({ wall, cpu, memory });
    }
    loaded = size;
    context.log(
      `history of ${String(size)} days: ${runs.map(({ wall }) => wall.toFixed(2)).join(' ')} s`,
    );
    entries.push({ name: 'redshift-load, one day', kind: 'ours', size, runs });
  }
  return entries;
}

/** A few purchases per day by the two customers who have reviews, and by a third. */
async function fillSource(url: string, days: number): Promise<void> {
  await runSql(
    url,
    `insert into ${table} (invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country)
     select 'h' || at, 's', 'of the history', 3 + at % 5, timestamp '${first}' + make_interval(days => day, hours => at), 2.5, 1 + at % 3, 'Nowhere'
     from generate_series(0, ${String(days)} - 1) as day, generate_series(0, 9) as at`,
  );
}
