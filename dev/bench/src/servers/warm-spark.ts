/** The local EMR makes an archive of Spark's classes at the first step of its life: that is no part of a day. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arena } from '../bench-context.ts';
import { jobCommand } from '../jobs.ts';
import { measure } from '../measure/measurement.ts';
import { ObjectStore } from './object-store.ts';
import { places } from '../places.ts';
import { bigDay } from './source-database.ts';

/** Cleans a day of two reviews, in a bucket that is gone afterwards. */
export async function warmSpark(
  arena: Pick<Arena, 'python' | 'signal'>,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const reviews = join(places.work, 'two-reviews.csv');
  await mkdir(places.work, { recursive: true });
  await writeFile(reviews, 'cid,review_str\n1,a good film\n2,a bad film\n');
  using store = new ObjectStore(env);
  const bucket = await store.makeBucket();
  try {
    for (const job of ['stage-reviews', 'emr-clean'] as const) {
      const own = { ...env, PIPELINE_BUCKET: bucket, REVIEWS_SOURCE: reviews };
      await measure(await jobCommand(job, [`--ds=${bigDay}`, '--log-format=json'], own), arena);
    }
  } finally {
    await store.deleteBucket(bucket);
  }
}
