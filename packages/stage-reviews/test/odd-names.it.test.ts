/** Stages a file whose name contains special characters of shells, URLs and patterns. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startTestCloud(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

const reviews = 'cid,review_str\n1,a good one\n';
const odd = `it's "odd" $(touch x) \`y\`; & | * ? # %41 + é 茶.csv`;

describe('a delivery under an odd name', () => {
  it('is read from S3 and not confused with similar names', async () => {
    await using bucket = await freshBucket(cloud);
    await bucket.put(`from vendor/${odd}`, reviews);
    await bucket.put(`from vendor/${odd.replace('%41', 'A')}`, 'another');
    const env = { ...bucket.env, REVIEWS_SOURCE: `s3://${bucket.name}/from vendor/${odd}` };
    const { summaries } = await job.run(env, '--ds=2010-12-01', '--run-id=one');
    expect(summaries).toMatchObject([{ status: 'published', rows: 1 }]);
    expect(await bucket.text('movie_review/load/2010-12-01/one/movie.csv')).toBe(reviews);
  });

  it('is read from disk', async () => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'odd-'));
    const path = join(folder.path, odd);
    await writeFile(path, reviews);
    const { summaries } = await job.run({ ...bucket.env, REVIEWS_SOURCE: path }, '--ds=2010-12-01');
    expect(summaries).toMatchObject([{ status: 'published', rows: 1 }]);
  });
});
