/** A bad network between the job and its source, and a server that restarts. */
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type NetworkFault,
  startTcpProxy,
  type TcpProxy,
} from '@user-behaviour/testkit/proxies/tcp-proxy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Shop } from './shop.ts';
import { createWideView, openWideShop } from './wide-shop.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 300_000 });

const day = '--ds=2010-12-01';
const megabyte = 1e6;

interface ProxiedShop extends AsyncDisposable {
  readonly shop: Shop;
  readonly proxy: TcpProxy;
  readonly run: (variables?: Readonly<Record<string, string>>) => Promise<Ended>;
}

/** A day of `rows` rows of about 1 kB, behind a proxy. */
async function openProxiedShop(rows: number): Promise<ProxiedShop> {
  await using stack = new AsyncDisposableStack();
  const shop = stack.use(await openWideShop(cloud, rows));
  const proxy = stack.use(await startTcpProxy(shop.env['SOURCE_DATABASE_URL'] ?? ''));
  const env = { ...shop.env, SOURCE_DATABASE_URL: proxy.through(shop.database.url) };
  const all = stack.move();
  return {
    shop,
    proxy,
    run: (variables = {}) => job.run({ ...env, ...variables }, day),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Expects exit code 75 and an empty bucket. */
async function expectTransient(ended: Ended, { shop }: ProxiedShop): Promise<void> {
  expect(ended.summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
  expect(ended.code).toBe(75);
  expect(await shop.bucket.keys()).toEqual([]);
  expect(await shop.openUploads()).toBe(0);
}

async function expectDone(ended: Ended, { shop }: ProxiedShop, rows: number): Promise<void> {
  expect(ended.summaries).toMatchObject([{ status: 'published', rows, exit: 0 }]);
  expect((await shop.manifest('2010-12-01')).totals.rows).toBe(rows);
  expect(await shop.bucket.keys()).toHaveLength(2);
}

describe('a source', () => {
  it.concurrent.each<readonly [string, NetworkFault, number]>([
    ['with a high latency', { is: 'latency', milliseconds: 40 }, 500],
    ['with a low bandwidth', { is: 'bandwidth', bytesPerSecond: 1 * megabyte }, 2_000],
  ])('%s is read', async (_, fault, rows) => {
    await using far = await openProxiedShop(rows);
    far.proxy.fault = fault;
    await expectDone(await far.run(), far, rows);
    expect(far.proxy.connections()).toBeGreaterThan(0);
  });
});

describe('a connection to the source that', () => {
  it.concurrent.each<readonly [string, NetworkFault, RegExp]>([
    ['is reset in the middle', { is: 'reset', afterBytes: 9 * megabyte }, /read the purchases/],
    [
      'is cut in the middle without notice',
      { is: 'half-open', afterBytes: 9 * megabyte },
      /read the purchases: no answer within 8 s/,
    ],
    [
      'is cut before the copy without notice',
      { is: 'half-open', afterBytes: 1_500 },
      /no answer within 8 s/,
    ],
    ['swallows everything', { is: 'black-hole' }, /connect to the source/],
  ])('%s fails the run as transient, and the next run succeeds', async (_, fault, message) => {
    await using far = await openProxiedShop(20_000);
    far.proxy.fault = fault;
    const ended = await far.run({ SOURCE_STATEMENT_TIMEOUT: '3s' });
    expect(far.proxy.harmed()).toBeGreaterThan(0);
    await expectTransient(ended, far);
    expect(ended.summaries[0]?.['message']).toMatch(message);
    far.proxy.fault = { is: 'none' };
    await expectDone(await far.run(), far, 20_000);
  });
});

describe('a source that restarts in the middle of a copy', () => {
  it('fails the run as transient, and the next run succeeds', async () => {
    await using far = await openProxiedShop(20_000);
    const asleep = `repeat('y', 950) || case when n > 15000 then pg_sleep(300)::text else '' end`;
    await createWideView(far.shop.database, 20_000, asleep);
    const server = () => cloud.services.find(({ name }) => name === 'postgres');
    const running = far.run();
    await expect.poll(() => far.shop.openUploads(), { timeout: 60_000 }).toBe(1);
    process.kill(server()?.pid ?? 0, 'SIGINT');
    await expectTransient(await running, far);
    await expect
      .poll(() => server(), { timeout: 60_000 })
      .toMatchObject({ state: 'ready', restarts: 1 });
    await createWideView(far.shop.database, 20_000);
    await expectDone(await far.run(), far, 20_000);
  });
});
