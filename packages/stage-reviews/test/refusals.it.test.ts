import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startTestCloud(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

const day = '--ds=2010-12-01';
/** Milliseconds for the process to start and log that it is waiting. */
const startTimeout = { timeout: 20_000 };
const good = 'cid,review_str\n1,fine\n';

/** All stored objects and unfinished uploads. */
async function left(bucket: TestBucket): Promise<readonly unknown[]> {
  const uploads = await bucket.client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket.name }),
  );
  return [...(await bucket.keys('movie_review/')), ...(uploads.Uploads ?? [])];
}

const onlyDay = (summaries: readonly unknown[]): Readonly<Record<string, unknown>> => {
  expect(summaries).toHaveLength(1);
  return summaries[0] as Readonly<Record<string, unknown>>;
};

describe('a wrong file', () => {
  const large = Buffer.concat([
    Buffer.from('cid,review_str\n'),
    Buffer.from('1,a review of some length\n'.repeat(400_000)),
    Buffer.from([0x32, 0x2c, 0xe9, 0x0a]),
  ]);
  it.each([
    [
      'not UTF-8',
      Buffer.from([...Buffer.from(good), 0x32, 0x2c, 0xe9, 0x0a]),
      'is not UTF-8 in line 3',
    ],
    ['not UTF-8 in its second part', large, 'is not UTF-8 in line 400002'],
    ['empty', '', 'is empty; expected the header cid,review_str'],
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'is UTF-16; expected text in UTF-8'],
    ['gzip that is cut short', gzipSync(good).subarray(0, 20), 'is compressed with gzip, but'],
    ['a header only', 'cid,review_str\n', 'has a header but no reviews'],
    ['under a different header', 'review_str,cid\nfine,1\n', 'does not begin with the header'],
  ])('%s ends with 65, publishes nothing and leaves nothing', async (_, content, message) => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stage-reviews-'));
    const path = join(folder.path, 'r.csv');
    await writeFile(path, content);
    const { code, summaries } = await job.run({ ...bucket.env, REVIEWS_SOURCE: path }, day);
    expect(code).toBe(65);
    const summary = onlyDay(summaries);
    expect(summary).toMatchObject({ status: 'failed', kind: 'data', exit: 65 });
    expect(summary['message']).toContain(`${path} ${message}`);
    expect(await left(bucket)).toEqual([]);
  });

  it('does not change what was published before', async () => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stage-reviews-'));
    const path = join(folder.path, 'r.csv');
    const env = { ...bucket.env, REVIEWS_SOURCE: path };
    await writeFile(path, good);
    await job.run(env, day, '--run-id=one');
    const before = await left(bucket);
    await writeFile(path, 'cid,review_str\n');
    expect((await job.run(env, day, '--run-id=two')).code).toBe(65);
    expect(await left(bucket)).toEqual(before);
  });
});

describe('a file that cannot be read', () => {
  it('is not ready while it is missing, on disk and in S3', async () => {
    await using bucket = await freshBucket(cloud);
    for (const source of ['/nowhere/{ds}.csv', `s3://${bucket.name}/nowhere/{ds}.csv`]) {
      const { code, summaries } = await job.run({ ...bucket.env, REVIEWS_SOURCE: source }, day);
      expect(code).toBe(75);
      const name = source.replace('{ds}', '2010-12-01');
      expect(onlyDay(summaries)).toMatchObject({
        kind: 'not-ready',
        message: `the reviews file ${name} does not exist`,
      });
    }
    expect(await left(bucket)).toEqual([]);
  });

  it('is staged if it arrives within --wait', async () => {
    await using bucket = await freshBucket(cloud);
    const env = { ...bucket.env, REVIEWS_SOURCE: `s3://${bucket.name}/vendor/{ds}.csv` };
    const waiting = job.start(env, day, '--wait=2m', '--run-id=one');
    await expect.poll(waiting.stderrText, startTimeout).toContain('waiting for the reviews file');
    const delivered = Date.now();
    await bucket.put('vendor/2010-12-01.csv', good);
    expect(await waiting.ended).toMatchObject({ code: 0 });
    const manifest = await bucket.text('movie_review/load/2010-12-01/_manifest.json');
    const { startedAt } = JSON.parse(manifest) as { startedAt: string };
    expect(Date.parse(startedAt), 'the wait is not part of the work').toBeGreaterThanOrEqual(
      delivered,
    );
  });

  it('is staged if it is empty at first and has its bytes within --wait', async () => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stage-reviews-'));
    const path = join(folder.path, 'r.csv');
    await writeFile(path, '');
    await bucket.put('vendor/2010-12-01.csv', '');
    for (const source of [path, `s3://${bucket.name}/vendor/{ds}.csv`]) {
      const waiting = job.start({ ...bucket.env, REVIEWS_SOURCE: source }, day, '--wait=2m');
      await expect.poll(waiting.stderrText, startTimeout).toContain('it is empty');
      if (source === path) await writeFile(path, good);
      else await bucket.put('vendor/2010-12-01.csv', `${good}2,other\n`);
      expect(await waiting.ended).toMatchObject({
        code: 0,
        summaries: [{ status: 'published', rows: source === path ? 1 : 2 }],
      });
    }
  });

  it('is not ready until the marker exists', async () => {
    await using bucket = await freshBucket(cloud);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stage-reviews-'));
    await writeFile(join(folder.path, '2010-12-01.csv'), good);
    const env = { ...bucket.env, REVIEWS_SOURCE: join(folder.path, '{ds}.csv') };
    const onDisk = { ...env, REVIEWS_READY: join(folder.path, '{ds}.done') };
    const early = await job.run(onDisk, day);
    expect(early.code).toBe(75);
    expect(onlyDay(early.summaries)['message']).toContain('has no marker');
    expect(await left(bucket)).toEqual([]);
    await writeFile(join(folder.path, '2010-12-01.done'), '');
    expect((await job.run(onDisk, day)).code).toBe(0);
    const inS3 = { ...env, REVIEWS_READY: `s3://${bucket.name}/in/{ds}.done` };
    expect((await job.run(inS3, day)).code).toBe(75);
    await bucket.put('in/2010-12-01.done', '');
    expect((await job.run(inS3, day)).code).toBe(0);
  });

  it('is a configuration failure if it is a folder or its bucket does not exist', async () => {
    await using bucket = await freshBucket(cloud);
    for (const source of [tmpdir(), 's3://no-such-bucket-of-ours/{ds}.csv']) {
      const { code, summaries } = await job.run({ ...bucket.env, REVIEWS_SOURCE: source }, day);
      expect(code).toBe(78);
      expect(onlyDay(summaries)['message']).toContain('cannot be read');
    }
  });
});

describe('the settings', () => {
  it('must name an existing bucket', async () => {
    await using bucket = await freshBucket(cloud);
    const env = { ...bucket.env, PIPELINE_BUCKET: 'no-such-bucket-of-ours', REVIEWS_SOURCE: '/r' };
    const { code, summaries } = await job.run(env, day);
    expect(code).toBe(78);
    const { message, action } = onlyDay(summaries);
    expect(message).toContain('NoSuchBucket');
    expect(action).toContain('PIPELINE_BUCKET');
  });

  it('are reported together if they are missing', async () => {
    const { code, summaries, log } = await job.run({}, day);
    expect(code).toBe(78);
    expect(summaries).toEqual([]);
    expect(JSON.stringify(log)).toMatch(/PIPELINE_BUCKET.*AWS_REGION.*REVIEWS_SOURCE/);
  });

  it('can name a missing file in a dry run, which writes nothing', async () => {
    await using bucket = await freshBucket(cloud);
    const env = { ...bucket.env, REVIEWS_SOURCE: '/nowhere/{ds}.csv' };
    const { code, summaries } = await job.run(env, day, '--dry-run');
    expect(code).toBe(0);
    expect(onlyDay(summaries)).toMatchObject({
      status: 'planned',
      reads: '/nowhere/2010-12-01.csv',
    });
    expect(await bucket.keys()).toEqual([]);
  });
});

describe('a signal', () => {
  it('ends a wait with 143 and leaves nothing', async () => {
    await using bucket = await freshBucket(cloud);
    const env = { ...bucket.env, REVIEWS_SOURCE: '/nowhere/{ds}.csv' };
    const waiting = job.start(env, day, '--wait=10m');
    await expect.poll(waiting.stderrText, startTimeout).toContain('waiting for the reviews file');
    waiting.child.kill('SIGTERM');
    const { code, summaries } = await waiting.ended;
    expect(code).toBe(143);
    expect(onlyDay(summaries)).toMatchObject({ kind: 'interrupted', exit: 143 });
    expect(await bucket.keys()).toEqual([]);
  });
});
