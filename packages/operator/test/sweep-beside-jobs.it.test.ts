/**
 * Sweeps beside running jobs: one after each call that changed something, before the job receives the
 * reply. Whatever is in progress or published must stay.
 */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
import { datasets } from '@user-behaviour/shared/pipeline';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { type HttpCall, startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { beforeAll, expect, it } from 'vitest';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { removeGarbage } from '../src/sweep/sweep-apply.ts';
import { findGarbage } from '../src/sweep/find-garbage.ts';
import { seeded } from '@user-behaviour/testkit/seed-command';

const upstreams = ['extract-purchases', 'stage-reviews', 'emr-clean'] as const;
const bundles = new Map<JobName, Awaited<ReturnType<typeof bundleJob>>>();
let cloud: TestCloud;
beforeAll(async () => {
  for (const job of upstreams) bundles.set(job, await bundleJob(job));
  cloud = await startTestCloud(['postgres', 's3', 'emr']);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '2010-12-01';
const minute = 60_000;
const now = () => new Date();
const never = new AbortController().signal;

/** Runs one whole sweep. Returns what it removed. */
async function sweep(bucket: TestBucket, older: number): Promise<readonly string[]> {
  const where = { s3: bucket.client, bucket: bucket.name };
  const ages = { now: Date.now(), older, keep: 0 };
  const { garbage } = await findGarbage(
    where,
    () => Promise.resolve(new Map()),
    ages,
    () => Promise.resolve(new Set()),
  );
  const removals = await removeGarbage(where, garbage, { now, signal: never });
  return removals.flatMap(({ garbage: item, outcome }) => (outcome === 'left' ? [] : [item.where]));
}

/** A proxy that sweeps after each call that is not a GET or HEAD, before it passes the reply on. */
async function sweptBehind(address: string | undefined, swept: () => Promise<void>) {
  const front = await startHttpProxy(address ?? '');
  front.rules.push({
    when: ({ method }: HttpCall) => method !== 'GET' && method !== 'HEAD',
    answered: async (answer) => {
      await swept();
      return answer;
    },
  });
  return front;
}

it(
  'removes nothing of a run in progress and nothing that is published',
  async () => {
    await using temporary = await mkdtempDisposable(join(tmpdir(), 'beside-'));
    await using bucket = await freshBucket(cloud);
    await using database = await freshDatabase(cloud);
    const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
    const settings = await seeded({ ...bucket.env, ...source }, temporary.path);
    const taken: string[] = [];
    let older = minute;
    let sweeps = 0;
    const swept = async () => {
      taken.push(...(await sweep(bucket, older)));
      sweeps += 1;
    };
    await using s3 = await sweptBehind(settings['AWS_ENDPOINT_URL_S3'], swept);
    await using emr = await sweptBehind(settings['AWS_ENDPOINT_URL_EMR'], swept);
    const env = { ...settings, AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_EMR: emr.url };
    const run = async (job: JobName) => {
      const ended = await bundles.get(job)?.run(env, `--ds=${day}`);
      expect(ended, JSON.stringify(ended?.summaries)).toMatchObject({
        code: 0,
        summaries: [{ status: 'published' }],
      });
    };

    // These two hold no lease: only the age of their writes protects them.
    await Promise.all([run('extract-purchases'), run('stage-reviews')]);
    expect(taken).toEqual([]);
    expect(sweeps).toBeGreaterThanOrEqual(5);

    // A cleaning is protected by its lease at any age; everything else that no manifest names is removed.
    const dead = 'movie_review/stage/2010-12-02/dead/';
    await bucket.put(`${dead}part-0.parquet`, 'x');
    older = 0;
    await run('emr-clean');
    await swept();
    expect(new Set(taken)).toEqual(new Set([dead]));

    const store = new ManifestStore(bucket.client, bucket.name);
    const keys = await bucket.keys();
    for (const dataset of datasets) {
      const files = (await store.read(dataset, parseDs(day)))?.manifest.files ?? [];
      expect(files.length, dataset).toBeGreaterThan(0);
      expect(keys).toEqual(expect.arrayContaining(files.map(({ key }) => key)));
    }
  },
  4 * minute,
);
