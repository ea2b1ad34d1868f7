/** Stages reviews while the disk of the bucket is full. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { limitFileSize } from '@user-behaviour/testkit/full-disk';
import { beforeAll, expect, it } from 'vitest';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startLocalServers(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

it.each([
  ['in one request', 4_000],
  ['in parts', 85_000],
])(
  'a file sent %s is a transient failure, publishes nothing, and is staged once there is room',
  async (_, rows) => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'no-room-'));
    const path = join(folder.path, 'vendor.csv');
    const content = `cid,review_str\n${`1,${'so '.repeat(32)}x\n`.repeat(rows)}`;
    await writeFile(path, content);
    const run = () =>
      job.run({ ...bucket.env, REVIEWS_SOURCE: path }, '--ds=2010-12-01', '--run-id=one');
    await limitFileSize(cloud, 256 * 1024);
    try {
      const { code, summaries } = await run();
      expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
      expect(summaries[0]?.['message']).toMatch(/s3:\/\/.*ServiceUnavailable: no room/);
      expect(code).toBe(75);
      expect(await bucket.keys('movie_review/')).toEqual([]);
      const { Uploads = [] } = await bucket.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket.name }),
      );
      expect(Uploads).toEqual([]);
    } finally {
      await limitFileSize(cloud, 'unlimited');
    }
    const { code, summaries } = await run();
    expect(summaries).toMatchObject([{ status: 'published', rows, exit: 0 }]);
    expect(code).toBe(0);
    expect(await bucket.text('movie_review/load/2010-12-01/one/movie.csv')).toBe(content);
  },
);
