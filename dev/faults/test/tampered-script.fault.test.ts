/** The Spark script, overwritten under its hash before or while the jobs use it (I1). */
import { bundleJob, type BundledJob } from '@user-behaviour/testkit/bundled-job';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFaultProxy } from '../src/inject/fault-proxy.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { EmrInspector } from '../src/observe/emr-inspector.ts';
import { report } from './report.ts';
import { stagedBucket } from './staged-reviews.ts';

let cloud: TestCloud;
let clean: BundledJob;
let stage: BundledJob;
beforeAll(async () => {
  [clean, stage, cloud] = await Promise.all([
    bundleJob('emr-clean'),
    bundleJob('stage-reviews'),
    startTestCloud(['s3', 'emr']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '--ds=2010-01-01';
const staged = () => stagedBucket(cloud, stage, ['1,good', '2,bad'], day);

/** Stores another script of the same result under the key. */
async function tamper(bucket: TestBucket): Promise<void> {
  const [key = ''] = await bucket.keys('scripts/');
  const text = await bucket.text(key);
  await bucket.put(key, `${text}# tampered\n`);
}

/** Runs emr-clean, and overwrites the script when the call arrives. */
async function cleanTampered(bucket: TestBucket, at: string) {
  using emr = new EmrInspector(cloud.env);
  const cluster = await emr.startCluster();
  const schedule = new FaultSchedule();
  const gate = async (name: string) => {
    if (name === at) await tamper(bucket);
    return () => undefined;
  };
  const env = { ...bucket.env, EMR_CLUSTER_ID: cluster };
  await using proxy = await openFaultProxy(env, { schedule, gate });
  const { code, summaries } = await clean.run(proxy.env, day);
  return {
    code,
    message: String(summaries[0]?.['message']),
    steps: (await emr.steps(cluster)).map(({ name }) => name.split('/').at(-1)).toReversed(),
  };
}

const left = (bucket: TestBucket) =>
  Promise.all(
    ['movie_review/stage/', 'movie_review/rejects/'].map((prefix) => bucket.keys(prefix)),
  );

describe('a Spark script that somebody has overwritten', () => {
  it('is not staged again', async () => {
    await using bucket = await staged();
    await tamper(bucket);
    const other = '--ds=2010-01-02';
    const source = { ...bucket.env, REVIEWS_SOURCE: `s3://${bucket.name}/vendor.csv` };
    await bucket.put('vendor.csv', 'cid,review_str\n1,good\n');
    const { code, summaries } = await stage.run(source, other);
    expect(code).toBe(65);
    expect(summaries[0]?.['message']).toContain('was replaced');
    expect(await bucket.keys('movie_review/load/2010-01-02/')).toEqual([]);
  });

  it.each([
    ['before emr-clean looks at it', 's3 GetObject movie_review/load/{ds}/_manifest.json', []],
    [
      'after emr-clean has looked at it',
      'emr AddJobFlowSteps 2-clean',
      ['1-copy-in', '2-clean', '3-copy-out', '4-clean-up'],
    ],
  ])(
    '%s publishes nothing and leaves nothing',
    async (title, at, steps) => {
      await using bucket = await staged();
      const tampered = await cleanTampered(bucket, at);
      expect(tampered).toMatchObject({ code: 65, steps });
      expect(tampered.message).toContain('was replaced: its bytes have the SHA-256');
      expect(await left(bucket)).toEqual([[], []]);
      await expect.poll(cloud.hdfsFiles, { timeout: 30_000 }).toEqual([]);
      report(`emr-clean, script tampered ${title}`, { 'faults injected': 1, survived: 1 });
    },
    120_000,
  );
});
