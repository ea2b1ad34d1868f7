/** A bucket that throttles, refuses, forgets to answer or garbles, while reviews are staged. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type HttpCall,
  type HttpProxy,
  type Rule,
  s3ErrorReply,
  startHttpProxy,
} from '@user-behaviour/testkit/proxies/http-proxy';
import {
  type NetworkFault,
  startTcpProxy,
  type TcpProxy,
} from '@user-behaviour/testkit/proxies/tcp-proxy';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startLocalServers(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

const key = 'movie_review/load/2010-12-01/one/movie.csv';
const pointer = 'movie_review/load/2010-12-01/_manifest.json';

/** Reviews of 100 bytes each. */
const reviews = (count: number) => `cid,review_str\n${`1,${'so '.repeat(32)}x\n`.repeat(count)}`;
const small = 10;
/** Two parts. */
const large = 85_000;

interface StagingFixture extends AsyncDisposable {
  readonly bucket: TestBucket;
  readonly front: HttpProxy;
  readonly proxy: TcpProxy;
  /** Runs the job by way of the front, or of the proxy. */
  readonly run: (by: 'front' | 'proxy', variables?: TestCloud['env']) => Promise<Ended>;
  readonly openUploads: () => Promise<number>;
}

async function openStagingFixture(count: number): Promise<StagingFixture> {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'bucket-fault-')));
  const path = join(folder.path, 'vendor.csv');
  await writeFile(path, reviews(count));
  const direct = bucket.env['AWS_ENDPOINT_URL_S3'] ?? '';
  const front = stack.use(await startHttpProxy(direct));
  const proxy = stack.use(await startTcpProxy(direct));
  const kept = stack.move();
  const urls = { front: front.url, proxy: proxy.through(direct) };
  return {
    bucket,
    front,
    proxy,
    run: (by, variables = {}) =>
      job.run(
        { ...bucket.env, REVIEWS_SOURCE: path, AWS_ENDPOINT_URL_S3: urls[by], ...variables },
        '--ds=2010-12-01',
        '--run-id=one',
      ),
    openUploads: async () => {
      const command = new ListMultipartUploadsCommand({ Bucket: bucket.name });
      return (await bucket.client.send(command)).Uploads?.length ?? 0;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function expectPublished({ code, summaries }: Ended, fixture: StagingFixture, rows: number) {
  expect(summaries).toMatchObject([{ status: 'published', rows, exit: 0 }]);
  expect(code).toBe(0);
  expect(await fixture.bucket.text(key)).toBe(reviews(rows));
  expect(await fixture.bucket.keys('movie_review/')).toEqual([pointer, key]);
}

/** 75, and no pointer to anything; then, the network being well, the same run is done. */
async function expectTransient({ code, summaries }: Ended, fixture: StagingFixture, rows: number) {
  expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
  expect(code).toBe(75);
  expect(await fixture.bucket.keys('movie_review/')).not.toContain(pointer);
  fixture.front.rules.length = 0;
  fixture.proxy.fault = { is: 'none' };
  await expectPublished(await fixture.run('front'), fixture, rows);
}

const writing = (what: string) => (call: HttpCall) =>
  call.method === 'PUT' && call.url.includes(what);
const file = writing('movie.csv');
const manifest = writing('_manifest.json');
const part = writing('partNumber=');
const completing = (call: HttpCall) => call.method === 'POST' && call.url.includes('uploadId=');

const slowDown = () => s3ErrorReply(503, 'SlowDown');
const raced = () => s3ErrorReply(409, 'ConditionalRequestConflict');
const taken = () => s3ErrorReply(412, 'PreconditionFailed');
const lost = () => undefined;
const errorInside = () => s3ErrorReply(200, 'InternalError');
const flipped = ({ body }: HttpCall) => {
  const changed = Buffer.from(body);
  changed.writeUInt8(changed.readUInt8(200) ^ 1, 200);
  return changed;
};

describe('a fault that passes', () => {
  it.concurrent.each<readonly [string, number, Rule]>([
    ['503 SlowDown, twice, to anything', small, { when: () => true, times: 2, instead: slowDown }],
    ['503 SlowDown, twice, to a part', large, { when: part, times: 2, instead: slowDown }],
    ['409 to the pointer', small, { when: manifest, times: 2, instead: raced }],
    [
      '412 to the file, which was our own success',
      small,
      { when: file, times: 1, answered: taken },
    ],
    [
      '412 to the pointer, which was our own success',
      small,
      { when: manifest, times: 1, answered: taken },
    ],
    [
      '412 to the completion, which was our own success',
      large,
      { when: completing, times: 1, answered: taken },
    ],
    ['a lost answer to the file', small, { when: file, times: 1, answered: lost }],
    ['a lost answer to the pointer', small, { when: manifest, times: 1, answered: lost }],
    ['a lost answer to the completion', large, { when: completing, times: 1, answered: lost }],
    [
      '200 with an error inside to the completion',
      large,
      { when: completing, times: 1, instead: errorInside },
    ],
  ])('%s costs a moment', async (_, rows, rule) => {
    await using fixture = await openStagingFixture(rows);
    fixture.front.rules.push(rule);
    await expectPublished(await fixture.run('front'), fixture, rows);
    expect(await fixture.openUploads()).toBe(0);
    expect(fixture.front.calls.filter(rule.when).length).toBeGreaterThanOrEqual(rule.times ?? 1);
  });
});

describe('a fault that stays', () => {
  it.concurrent.each<readonly [string, number, Rule]>([
    ['503 SlowDown', small, { when: () => true, instead: slowDown }],
    ['409 to the file', small, { when: file, instead: raced }],
    ['409 to the completion', large, { when: completing, instead: raced }],
    ['409 to the pointer', small, { when: manifest, instead: raced }],
    [
      '200 with an error inside to the completion',
      large,
      { when: completing, instead: errorInside },
    ],
    ['a bit that flips on the way to the file', small, { when: file, sent: flipped }],
    ['a bit that flips on the way to a part', large, { when: part, sent: flipped }],
  ])('%s is transient, and the next run does the day', async (_, rows, rule) => {
    await using fixture = await openStagingFixture(rows);
    fixture.front.rules.push(rule);
    await expectTransient(await fixture.run('front'), fixture, rows);
  });
});

describe('a network to the bucket that', () => {
  it.concurrent.each<readonly [string, NetworkFault]>([
    ['is slow', { is: 'latency', milliseconds: 10 }],
    ['is thin', { is: 'bandwidth', bytesPerSecond: 10e6 }],
  ])('%s costs time only', async (_, fault) => {
    await using fixture = await openStagingFixture(large);
    fixture.proxy.fault = fault;
    await expectPublished(await fixture.run('proxy'), fixture, large);
  });

  it.concurrent.each<readonly [string, NetworkFault]>([
    ['resets every connection', { is: 'reset', afterBytes: 0 }],
    ['never answers', { is: 'half-open', afterBytes: 0 }],
    ['swallows everything', { is: 'black-hole' }],
  ])('%s is transient, and the next run does the day', async (_, fault) => {
    await using fixture = await openStagingFixture(small);
    fixture.proxy.fault = fault;
    await expectTransient(await fixture.run('proxy', { SOCKET_TIMEOUT: '2s' }), fixture, small);
    expect(fixture.proxy.connections()).toBeGreaterThan(1);
  });
});

describe('a delivery in S3 whose body', () => {
  const reading = (call: HttpCall) => call.method === 'GET' && call.url.includes('vendor.csv');
  const delivery = async (fixture: StagingFixture) => {
    await fixture.bucket.put('vendor.csv', reviews(large));
    return { REVIEWS_SOURCE: `s3://${fixture.bucket.name}/vendor.csv` };
  };

  it.concurrent.each<readonly [string, (whole: Buffer) => Buffer]>([
    ['is cut off', (whole) => whole.subarray(0, reviews(small).length)],
    ['has another letter', (whole) => Buffer.from(whole.toString().replace('so so', 'so go'))],
  ])('%s is caught by its checksum', async (_, change) => {
    await using fixture = await openStagingFixture(large);
    const variables = await delivery(fixture);
    fixture.front.rules.push({
      when: reading,
      answered: ({ status, headers, body }) => ({
        status,
        headers,
        body: change(Buffer.from(body)),
      }),
    });
    await expectTransient(await fixture.run('front', variables), fixture, large);
  });

  it.concurrent.each<readonly [string, NetworkFault]>([
    ['ends with its connection', { is: 'reset', afterBytes: 3e6 }],
    ['never ends, and nobody says so', { is: 'half-open', afterBytes: 3e6 }],
  ])('%s is transient, and the next run does the day', async (_, fault) => {
    await using fixture = await openStagingFixture(large);
    const variables = await delivery(fixture);
    fixture.proxy.fault = fault;
    const ended = await fixture.run('proxy', { ...variables, SOCKET_TIMEOUT: '7s' });
    await expectTransient(ended, fixture, large);
    expect(fixture.proxy.harmed()).toBeGreaterThan(0);
  });
});
