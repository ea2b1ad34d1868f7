/** What the steps left in the bucket comes cut, garbled or altered, when it is verified. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type Answer,
  type HttpFront,
  s3Refusal,
  startHttpFront,
} from '@user-behaviour/testkit/proxies/http-front';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster, type TestCluster } from './emr-console.ts';
import { runToEnd } from './job-process.ts';
import { published, reviews, stage } from './staged-reviews.ts';

let own: TestCluster;
let front: HttpFront;
let emr: EmrConsole;
/** The run takes up the completed steps each time. */
const run = () =>
  runToEnd(
    {
      ...own.env,
      AWS_ENDPOINT_URL_S3: front.url,
      // What the job asks for itself, whatever the SDK is set to.
      AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED',
    },
    '--ds=2010-12-01',
    '--run-id=one',
  );

/** A day whose steps are done, and which is not published. */
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['s3', 'emr']));
  emr = new EmrConsole(cloud.env);
  own = stack.use(await freshCluster(cloud, emr));
  front = stack.use(await startHttpFront(own.env['AWS_ENDPOINT_URL_S3'] ?? ''));
  await stage(own.bucket, '2010-12-01', { lines: reviews(50) });
  front.rules.push({
    when: ({ method, url }) => method === 'PUT' && url.includes('/_manifest.json'),
    instead: () => s3Refusal(503, 'SlowDown'),
  });
  expect(await run()).toMatchObject({ exit: 75 });
  const all = stack.move();
  return () => all.disposeAsync();
}, 240_000);
beforeEach(() => {
  front.rules.length = 0;
});

const cut = (body: Buffer) => body.subarray(0, body.length - 9);
function flipped(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}
const withoutChecksum = (headers: NonNullable<Answer['headers']>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum')),
  );

describe('the result of the steps', () => {
  it.each([
    ['part', 'is cut', cut, true],
    ['part', 'is cut, where the server keeps no checksum', cut, false],
    ['part', 'is garbled', flipped, true],
    ['report', 'is cut', cut, true],
    ['report', 'is cut, where the server keeps no checksum', cut, false],
    ['report', 'is garbled', flipped, true],
  ])('whose %s %s on its way is transient', async (what, _, fault, checksum) => {
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
    expect(await published(own.bucket, '2010-12-01')).toBeUndefined();
  });

  it('that holds more reviews than the report counts is refused (I8)', async () => {
    const { bucket } = own;
    const folder = 'movie_review/stage/2010-12-01/one/';
    const [part = ''] = await bucket.keys(`${folder}part-`);
    const twice = `${folder}part-twice.parquet`;
    await bucket.put(twice, await bucket.bytes(part));
    const { exit, summaries } = await run();
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: twice }));
    expect(exit).toBe(65);
    expect(summaries[0]?.message).toContain('hold 100 reviews, Spark accepted 50');
    expect(await published(bucket, '2010-12-01')).toBeUndefined();
  });

  it('is published by the next run, without another step (I5)', async () => {
    expect(await run()).toMatchObject({ exit: 0, summaries: [{ rows: 50 }] });
    expect(await emr.steps(own.cluster)).toHaveLength(3);
  });
});
