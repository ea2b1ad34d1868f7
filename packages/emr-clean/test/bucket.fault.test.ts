/** Verification of the steps' output when it is truncated, corrupted or changed. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type Answer,
  type HttpProxy,
  s3ErrorReply,
  startHttpProxy,
} from '@user-behaviour/testkit/proxies/http-proxy';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster, type TestCluster } from './emr-console.ts';
import { runToEnd } from './job-process.ts';
import { published, reviews, stage } from './staged-reviews.ts';

let cluster: TestCluster;
let front: HttpProxy;
let emr: EmrConsole;
/** Each run resumes the completed steps. */
const run = () =>
  runToEnd(
    {
      ...cluster.env,
      AWS_ENDPOINT_URL_S3: front.url,
      // The job must request the checksum itself, whatever the SDK is configured to do.
      AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED',
    },
    '--ds=2010-12-01',
    '--run-id=one',
  );

/** Prepares a day whose steps are completed but which is not published. */
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['s3', 'emr']));
  emr = new EmrConsole(cloud.env);
  cluster = stack.use(await freshCluster(cloud, emr));
  front = stack.use(await startHttpProxy(cluster.env['AWS_ENDPOINT_URL_S3'] ?? ''));
  await stage(cluster.bucket, '2010-12-01', { lines: reviews(50) });
  front.rules.push({
    when: ({ method, url }) => method === 'PUT' && url.includes('/_manifest.json'),
    instead: () => s3ErrorReply(503, 'SlowDown'),
  });
  expect(await run()).toMatchObject({ exit: 75 });
  const all = stack.move();
  return () => all.disposeAsync();
}, 600_000);
beforeEach(() => {
  front.rules.length = 0;
});

const truncated = (body: Buffer) => body.subarray(0, body.length - 9);
function corrupted(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}
const withoutChecksum = (headers: NonNullable<Answer['headers']>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum')),
  );

describe('the output of the steps', () => {
  it.each([
    ['part', 'truncated', truncated, true],
    ['part', 'truncated by a server without checksums', truncated, false],
    ['part', 'corrupted', corrupted, true],
    ['report', 'truncated', truncated, true],
    ['report', 'truncated by a server without checksums', truncated, false],
    ['report', 'corrupted', corrupted, true],
  ])('whose %s arrives %s is a transient failure', async (what, _, fault, checksum) => {
    const name = { part: /\/part-[^/]*\.parquet/, report: /\/_report\.json/ }[what] ?? /./;
    front.rules.push({
      when: ({ method, url }) => method === 'GET' && name.test(url),
      answered: ({ status, headers, body }) => ({
        status,
        headers: checksum ? headers : withoutChecksum(headers),
        body: fault(Buffer.from(body)),
      }),
    });
    expect(await run()).toMatchObject({ exit: 75, summaries: [{ kind: 'transient' }] });
    expect(await published(cluster.bucket, '2010-12-01')).toBeUndefined();
  });

  it('with more reviews than the report counts is a data failure (I8)', async () => {
    const { bucket } = cluster;
    const folder = 'movie_review/stage/2010-12-01/one/';
    const [part = ''] = await bucket.keys(`${folder}part-`);
    const twice = `${folder}part-twice.parquet`;
    await bucket.put(twice, await bucket.bytes(part));
    const { exit, summaries } = await run();
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: twice }));
    expect(exit).toBe(65);
    expect(summaries[0]?.message).toContain('hold 100 reviews, but Spark accepted 50');
    expect(await published(bucket, '2010-12-01')).toBeUndefined();
  });

  it('is published by the next run without another step (I5)', async () => {
    expect(await run()).toMatchObject({ exit: 0, summaries: [{ rows: 50 }] });
    expect(await emr.steps(cluster.id)).toHaveLength(4);
  });
});
