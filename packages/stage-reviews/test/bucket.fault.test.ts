/** Stages reviews while the bucket throttles, refuses requests, loses responses or corrupts data. */
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
const manifestKey = 'movie_review/load/2010-12-01/_manifest.json';

/** Reviews of 100 bytes each. */
const reviews = (count: number) => `cid,review_str\n${`1,${'so '.repeat(32)}x\n`.repeat(count)}`;
const small = 10;
/** Enough for two parts. */
const large = 85_000;

interface StagingFixture extends AsyncDisposable {
  readonly bucket: TestBucket;
  readonly http: HttpProxy;
  readonly tcp: TcpProxy;
  /** Runs the job through one of the proxies. */
  readonly run: (by: 'http' | 'tcp', variables?: TestCloud['env']) => Promise<Ended>;
  readonly openUploads: () => Promise<number>;
}

async function openStagingFixture(count: number): Promise<StagingFixture> {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'bucket-fault-')));
  const path = join(folder.path, 'vendor.csv');
  await writeFile(path, reviews(count));
  const direct = bucket.env['AWS_ENDPOINT_URL_S3'] ?? '';
  const http = stack.use(await startHttpProxy(direct));
  const tcp = stack.use(await startTcpProxy(direct));
  const kept = stack.move();
  const urls = { http: http.url, tcp: tcp.through(direct) };
  return {
    bucket,
    http,
    tcp,
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
  expect(await fixture.bucket.keys('movie_review/')).toEqual([manifestKey, key]);
}

/** The run fails with 75 and publishes nothing. Without the fault, the same run then succeeds. */
async function expectTransient({ code, summaries }: Ended, fixture: StagingFixture, rows: number) {
  expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
  expect(code).toBe(75);
  expect(await fixture.bucket.keys('movie_review/')).not.toContain(manifestKey);
  fixture.http.rules.length = 0;
  fixture.tcp.fault = { is: 'none' };
  await expectPublished(await fixture.run('http'), fixture, rows);
}

const writing = (what: string) => (call: HttpCall) =>
  call.method === 'PUT' && call.url.includes(what);
const file = writing('movie.csv');
const manifest = writing('_manifest.json');
const part = writing('partNumber=');
const completing = (call: HttpCall) => call.method === 'POST' && call.url.includes('uploadId=');

const slowDown = () => s3ErrorReply(503, 'SlowDown');
const raced = () => s3ErrorReply(409, 'ConditionalRequestConflict');
const refused = () => s3ErrorReply(412, 'PreconditionFailed');
const lost = () => undefined;
const errorInside = () => s3ErrorReply(200, 'InternalError');
const flipped = ({ body }: HttpCall) => {
  const changed = Buffer.from(body);
  changed.writeUInt8(changed.readUInt8(200) ^ 1, 200);
  return changed;
};

describe('a temporary fault', () => {
  it.concurrent.each<readonly [string, number, Rule]>([
    [
      '503 SlowDown to the first two requests',
      small,
      { when: () => true, times: 2, instead: slowDown },
    ],
    ['503 SlowDown to the first two parts', large, { when: part, times: 2, instead: slowDown }],
    ['409 to the manifest', small, { when: manifest, times: 2, instead: raced }],
    [
      '412 to the file although the write succeeded',
      small,
      { when: file, times: 1, answered: refused },
    ],
    [
      '412 to the manifest although the write succeeded',
      small,
      { when: manifest, times: 1, answered: refused },
    ],
    [
      '412 to the completion although it succeeded',
      large,
      { when: completing, times: 1, answered: refused },
    ],
    ['a lost response to the file', small, { when: file, times: 1, answered: lost }],
    ['a lost response to the manifest', small, { when: manifest, times: 1, answered: lost }],
    ['a lost response to the completion', large, { when: completing, times: 1, answered: lost }],
    [
      '200 with an error inside to the completion',
      large,
      { when: completing, times: 1, instead: errorInside },
    ],
  ])('%s does not fail the run', async (_, rows, rule) => {
    await using fixture = await openStagingFixture(rows);
    fixture.http.rules.push(rule);
    await expectPublished(await fixture.run('http'), fixture, rows);
    expect(await fixture.openUploads()).toBe(0);
    expect(fixture.http.calls.filter(rule.when).length).toBeGreaterThanOrEqual(rule.times ?? 1);
  });
});

describe('a permanent fault', () => {
  it.concurrent.each<readonly [string, number, Rule]>([
    ['503 SlowDown', small, { when: () => true, instead: slowDown }],
    ['409 to the file', small, { when: file, instead: raced }],
    ['409 to the completion', large, { when: completing, instead: raced }],
    ['409 to the manifest', small, { when: manifest, instead: raced }],
    [
      '200 with an error inside to the completion',
      large,
      { when: completing, instead: errorInside },
    ],
    ['a flipped bit in the file', small, { when: file, sent: flipped }],
    ['a flipped bit in a part', large, { when: part, sent: flipped }],
  ])('%s is transient, and the next run succeeds', async (_, rows, rule) => {
    await using fixture = await openStagingFixture(rows);
    fixture.http.rules.push(rule);
    await expectTransient(await fixture.run('http'), fixture, rows);
  });
});

describe('a network that', () => {
  it.concurrent.each<readonly [string, NetworkFault]>([
    ['is slow', { is: 'latency', milliseconds: 10 }],
    ['has little bandwidth', { is: 'bandwidth', bytesPerSecond: 10e6 }],
  ])('%s only takes more time', async (_, fault) => {
    await using fixture = await openStagingFixture(large);
    fixture.tcp.fault = fault;
    await expectPublished(await fixture.run('tcp'), fixture, large);
  });

  it.concurrent.each<readonly [string, NetworkFault]>([
    ['resets every connection', { is: 'reset', afterBytes: 0 }],
    ['never answers', { is: 'half-open', afterBytes: 0 }],
    ['drops all packets', { is: 'black-hole' }],
  ])('%s is transient, and the next run succeeds', async (_, fault) => {
    await using fixture = await openStagingFixture(small);
    fixture.tcp.fault = fault;
    await expectTransient(await fixture.run('tcp', { SOCKET_TIMEOUT: '2s' }), fixture, small);
    expect(fixture.tcp.connections()).toBeGreaterThan(1);
  });
});

describe('a delivery in S3 whose body', () => {
  const reading = (call: HttpCall) => call.method === 'GET' && call.url.includes('vendor.csv');
  const delivery = async (fixture: StagingFixture) => {
    await fixture.bucket.put('vendor.csv', reviews(large));
    return { REVIEWS_SOURCE: `s3://${fixture.bucket.name}/vendor.csv` };
  };

  it.concurrent.each<readonly [string, (whole: Buffer) => Buffer]>([
    ['is truncated', (whole) => whole.subarray(0, reviews(small).length)],
    ['has a changed letter', (whole) => Buffer.from(whole.toString().replace('so so', 'so go'))],
  ])('%s is detected by its checksum', async (_, change) => {
    await using fixture = await openStagingFixture(large);
    const variables = await delivery(fixture);
    fixture.http.rules.push({
      when: reading,
      answered: ({ status, headers, body }) => ({
        status,
        headers,
        body: change(Buffer.from(body)),
      }),
    });
    await expectTransient(await fixture.run('http', variables), fixture, large);
  });

  it.concurrent.each<readonly [string, NetworkFault]>([
    ['ends with a reset connection', { is: 'reset', afterBytes: 3e6 }],
    ['stops without closing the connection', { is: 'half-open', afterBytes: 3e6 }],
  ])('%s is transient, and the next run succeeds', async (_, fault) => {
    await using fixture = await openStagingFixture(large);
    const variables = await delivery(fixture);
    fixture.tcp.fault = fault;
    const ended = await fixture.run('tcp', { ...variables, SOCKET_TIMEOUT: '7s' });
    await expectTransient(ended, fixture, large);
    expect(fixture.tcp.harmed()).toBeGreaterThan(0);
  });
});
