/** A bad network between the job and its bucket, also in the middle of a copy. */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type NetworkFault, startTcpProxy } from '@user-behaviour/testkit/proxies/tcp-proxy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWideFixture } from './wide-fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 600_000 });

/** Enough for several parts. */
const rows = 30_000;

async function openProxiedBucket() {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openWideFixture(cloud, rows));
  const direct = fixture.env['AWS_ENDPOINT_URL_S3'] ?? '';
  const proxy = stack.use(await startTcpProxy(direct));
  const env = { ...fixture.env, AWS_ENDPOINT_URL_S3: proxy.through(direct), SOCKET_TIMEOUT: '2s' };
  const all = stack.move();
  return {
    fixture,
    proxy,
    start: (run: string, variables: TestCloud['env'] = {}) =>
      job.start({ ...env, ...variables }, '--ds=2010-12-01', `--run-id=${run}`),
    /** An upload may stay open if its end, or the response to its start, was lost. `sweep` finds it under the run's key. */
    expectOnlySweepableUploads: async () => {
      const command = new ListMultipartUploadsCommand({ Bucket: fixture.bucket.name });
      const { Uploads = [] } = await fixture.bucket.client.send(command);
      for (const { Key } of Uploads) {
        expect(Key).toBe('user_purchase/stage/2010-12-01/one/temp_filtered_user_purchase.csv');
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const done = { code: 0, summaries: [{ status: 'published', rows, exit: 0 }] };
const transient = { code: 75, summaries: [{ status: 'failed', kind: 'transient', exit: 75 }] };

describe('a network to the bucket that answers late', () => {
  it('does no harm if the source closes the connection that lies idle meanwhile', async () => {
    await using proxied = await openProxiedBucket();
    const { fixture, proxy } = proxied;
    proxy.fault = { is: 'latency', milliseconds: 10_000 };
    const { ended } = proxied.start('one', { SOCKET_TIMEOUT: '1m' });
    const terminated = () =>
      fixture.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'extract-purchases' and state = 'idle'`,
      );
    await expect.poll(async () => (await terminated()).length, { timeout: 60_000 }).toBe(1);
    proxy.fault = { is: 'none' };
    expect(await ended).toMatchObject(done);
  });
});

describe('a network to the bucket that', () => {
  it.each<readonly [string, NetworkFault]>([
    ['is slow', { is: 'latency', milliseconds: 20 }],
    ['has a low bandwidth', { is: 'bandwidth', bytesPerSecond: 8e6 }],
    ['breaks every connection after a few responses', { is: 'reset', afterBytes: 1_500 }],
  ])('%s only slows the job down', async (_, fault) => {
    await using proxied = await openProxiedBucket();
    proxied.proxy.fault = fault;
    // One call may get several old connections that are about to break.
    const { ended } = proxied.start('one', { AWS_MAX_ATTEMPTS: '10' });
    expect(await ended).toMatchObject(done);
    expect(await proxied.fixture.bucket.keys()).toHaveLength(2);
    await proxied.expectOnlySweepableUploads();
  });

  it.concurrent.for<readonly [string, NetworkFault]>([
    ['swallows everything', { is: 'black-hole' }],
    ['is cut without notice', { is: 'half-open', afterBytes: 0 }],
    ['breaks every connection', { is: 'reset', afterBytes: 0 }],
  ])(
    '%s in the middle of a copy fails the run as transient, leaves no query behind, and lets the next run succeed',
    async ([, fault], { expect }) => {
      await using proxied = await openProxiedBucket();
      const running = proxied.start('one');
      await expect
        .poll(() => proxied.fixture.openUploads(), { timeout: 60_000, interval: 5 })
        .toBe(1);
      proxied.proxy.fault = fault;
      expect(await running.ended).toMatchObject(transient);
      expect(proxied.proxy.harmed()).toBeGreaterThan(0);
      await expect.poll(() => proxied.fixture.sessions(), { timeout: 60_000 }).toEqual([]);
      expect(await proxied.fixture.bucket.keys()).toEqual([]);
      await proxied.expectOnlySweepableUploads();
      proxied.proxy.fault = { is: 'none' };
      expect(await proxied.start('two').ended).toMatchObject(done);
      expect(await proxied.fixture.bucket.keys()).toHaveLength(2);
    },
  );
});
