/** A bad network between the job and its bucket, also in the middle of a copy. */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type NetworkFault, startTcpProxy } from '@user-behaviour/testkit/proxies/tcp-proxy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWideShop } from './wide-shop.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 300_000 });

/** Enough for several parts. */
const rows = 30_000;

async function openProxiedBucket() {
  await using stack = new AsyncDisposableStack();
  const shop = stack.use(await openWideShop(cloud, rows));
  const direct = shop.env['AWS_ENDPOINT_URL_S3'] ?? '';
  const proxy = stack.use(await startTcpProxy(direct));
  const env = { ...shop.env, AWS_ENDPOINT_URL_S3: proxy.through(direct), SOCKET_TIMEOUT: '2s' };
  const all = stack.move();
  return {
    shop,
    proxy,
    start: (run: string, variables: TestCloud['env'] = {}) =>
      job.start({ ...env, ...variables }, '--ds=2010-12-01', `--run-id=${run}`),
    /** An upload may stay open if its end, or the response to its start, was lost. `sweep` finds it under the run's key. */
    expectOnlySweepableUploads: async () => {
      const command = new ListMultipartUploadsCommand({ Bucket: shop.bucket.name });
      const { Uploads = [] } = await shop.bucket.client.send(command);
      for (const { Key } of Uploads) {
        expect(Key).toBe('user_purchase/stage/2010-12-01/one/temp_filtered_user_purchase.csv');
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const done = { code: 0, summaries: [{ status: 'published', rows, exit: 0 }] };
const transient = { code: 75, summaries: [{ status: 'failed', kind: 'transient', exit: 75 }] };

describe('a network to the bucket that', () => {
  it.each<readonly [string, NetworkFault]>([
    ['is slow', { is: 'latency', milliseconds: 20 }],
    ['has a low bandwidth', { is: 'bandwidth', bytesPerSecond: 8e6 }],
    ['breaks every connection after a few responses', { is: 'reset', afterBytes: 1_500 }],
  ])('%s only slows the job down', async (_, fault) => {
    await using far = await openProxiedBucket();
    far.proxy.fault = fault;
    // One call may get several old connections that are about to break.
    const { ended } = far.start('one', { AWS_MAX_ATTEMPTS: '10' });
    expect(await ended).toMatchObject(done);
    expect(await far.shop.bucket.keys()).toHaveLength(2);
    await far.expectOnlySweepableUploads();
  });

  it.concurrent.for<readonly [string, NetworkFault]>([
    ['swallows everything', { is: 'black-hole' }],
    ['is cut without notice', { is: 'half-open', afterBytes: 0 }],
    ['breaks every connection', { is: 'reset', afterBytes: 0 }],
  ])(
    '%s in the middle of a copy fails the run as transient, leaves no query behind, and lets the next run succeed',
    async ([, fault], { expect }) => {
      await using far = await openProxiedBucket();
      const running = far.start('one');
      await expect.poll(() => far.shop.openUploads(), { timeout: 60_000, interval: 5 }).toBe(1);
      far.proxy.fault = fault;
      expect(await running.ended).toMatchObject(transient);
      expect(far.proxy.harmed()).toBeGreaterThan(0);
      await expect.poll(() => far.shop.sessions(), { timeout: 60_000 }).toEqual([]);
      expect(await far.shop.bucket.keys()).toEqual([]);
      await far.expectOnlySweepableUploads();
      far.proxy.fault = { is: 'none' };
      expect(await far.start('two').ended).toMatchObject(done);
      expect(await far.shop.bucket.keys()).toHaveLength(2);
    },
  );
});
