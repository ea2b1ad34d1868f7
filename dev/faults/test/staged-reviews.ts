/** A bucket with staged reviews, the input of emr-clean. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { expect } from 'vitest';

/** Stages the same reviews, as lines of CSV, for every day of the range. */
export async function stagedBucket(
  cloud: TestCloud,
  stage: BundledJob,
  reviews: readonly string[],
  ...range: string[]
): Promise<TestBucket> {
  const bucket = await freshBucket(cloud);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  const source = join(folder.path, 'reviews.csv');
  await writeFile(source, ['cid,review_str', ...reviews, ''].join('\n'));
  const staged = await stage.run({ ...bucket.env, REVIEWS_SOURCE: source }, ...range);
  expect(staged).toMatchObject({ code: 0 });
  return bucket;
}
