/** Warms up the local EMR: its second step creates an archive of Spark's classes, which no measurement should include. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import type { BenchContext } from '../bench-context.ts';
import { jobCommand } from '../jobs.ts';
import { measure } from '../measure/measurement.ts';
import { ObjectStore } from './object-store.ts';
import { paths } from '../paths.ts';
import { bigDay } from './source-database.ts';

/** Cleans two days of two reviews, one after the other, in a temporary bucket. */
export async function warmUpSpark(
  context: Pick<BenchContext, 'python' | 'signal'>,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const reviews = join(paths.work, 'two-reviews.csv');
  await mkdir(paths.work, { recursive: true });
  await writeFile(reviews, 'cid,review_str\n1,a good film\n2,a bad film\n');
  using store = new ObjectStore(env);
  const bucket = await store.makeBucket();
  try {
    const own = { ...env, PIPELINE_BUCKET: bucket, REVIEWS_SOURCE: reviews };
    for (const ds of [bigDay, nextDs(parseDs(bigDay))]) {
      for (const job of ['stage-reviews', 'emr-clean'] as const) {
        await measure(jobCommand(job, [`--ds=${ds}`, '--log-format=json'], own), context);
      }
    }
  } finally {
    await store.deleteBucket(bucket);
  }
}
