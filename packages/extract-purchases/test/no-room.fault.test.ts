/** A bucket on a full disk. */
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { limitFiles } from '@user-behaviour/testkit/full-disk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWideShop } from './wide-shop.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

it.each([
  ['uploaded in one request', 1_000],
  ['uploaded in parts', 20_000],
])(
  'a day %s fails as transient, leaves nothing behind, and succeeds once there is room',
  async (_, rows) => {
    await using shop = await openWideShop(cloud, rows);
    await limitFiles(cloud, 256 * 1024);
    try {
      const { code, summaries } = await job.run(shop.env, day, '--run-id=one');
      expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
      expect(summaries[0]?.['message']).toMatch(/s3:\/\/.*ServiceUnavailable: no room/);
      expect(code).toBe(75);
      expect(await shop.bucket.keys()).toEqual([]);
      expect(await shop.openUploads()).toBe(0);
      expect(await shop.sessions()).toEqual([]);
    } finally {
      await limitFiles(cloud, 'unlimited');
    }
    const { code, summaries } = await job.run(shop.env, day, '--run-id=one');
    expect(summaries).toMatchObject([{ status: 'published', rows, exit: 0 }]);
    expect(code).toBe(0);
    expect(await shop.bucket.keys()).toHaveLength(2);
  },
);
