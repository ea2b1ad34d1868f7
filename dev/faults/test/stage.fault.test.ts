/** stage-reviews with a fault at every call (I5). */
import { writeFile } from 'node:fs/promises';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { countsOf, killAnywhere } from '../src/kill-anywhere.ts';
import { orphansAfterSweep } from '../src/orphans.ts';
import { isFirstOverHttp, lateFaults } from '../src/inject/fault.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('stage-reviews'),
    // The sweep reads from the ledger which runs it must keep.
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const reviews = 'cid,review_str\n17850,"a good one, ""quoted"""\n13047,not so bad\n';

describe('stage-reviews (I5)', () => {
  it.each([
    ['a file', (folder: string) => join(folder, 'reviews.csv')],
    ['an object', (_: string, bucket: string) => `s3://${bucket}/vendor/reviews.csv`],
  ])(
    'survives every fault at every effect, reading %s',
    async (source, address) => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
      await using bucket = await freshBucket(cloud);
      await writeFile(join(folder.path, 'reviews.csv'), reviews);
      await bucket.put('vendor/reviews.csv', reviews);
      const abandoned: string[] = [];
      const state = async (ds: Ds) => {
        const day = await publishedDay(bucket, 'movie_review/load', ds);
        abandoned.push(...day.abandoned);
        return { rows: day.rows, rest: [day.state, day.strays] };
      };
      const tally = await killAnywhere({
        job,
        env: { ...bucket.env, REVIEWS_SOURCE: address(folder.path, bucket.name) },
        firstDay: parseDs('2010-01-01'),
        state,
        chosen: (effect) => source === 'a file' || effect.includes('vendor/'),
      });
      expect(tally.problems).toEqual([]);
      expect(tally.effects.length).toBeGreaterThan(1);
      // The script is stored once, under its content hash, however often it was written.
      expect(await bucket.keys('scripts/')).toHaveLength(1);
      expect(abandoned.every((key) => key.endsWith('/movie.csv'))).toBe(true);
      const swept = await orphansAfterSweep(bucket, bucket.env);
      const orphans = swept.orphans.filter((key) => !key.startsWith('vendor/'));
      const counts = { ...countsOf(tally), 'orphans after sweep': orphans.length };
      report(`stage-reviews from ${source}`, counts, swept.removed);
      expect(orphans).toEqual([]);
    },
    300_000,
  );

  it('survives late and truncated replies and late calls', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
    await using bucket = await freshBucket(cloud);
    const file = join(folder.path, 'reviews.csv');
    await writeFile(file, reviews);
    const tally = await killAnywhere({
      job,
      env: { ...bucket.env, REVIEWS_SOURCE: file, SOCKET_TIMEOUT: '1s' },
      firstDay: parseDs('2010-01-01'),
      state: async (ds) => {
        const { rows, state, strays } = await publishedDay(bucket, 'movie_review/load', ds);
        return { rows, rest: [state, strays] };
      },
      chosen: isFirstOverHttp,
      faults: lateFaults,
    });
    report('stage-reviews, late or truncated', countsOf(tally));
    expect(tally.problems).toEqual([]);
    expect(tally.effects.length).toBeGreaterThan(3);
  }, 600_000);
});
