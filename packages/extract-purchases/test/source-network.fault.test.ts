/** A bad network between the job and its source, and a server that restarts. */
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import {
  type NetworkFault,
  startTcpProxy,
  type TcpProxy,
} from '@user-behaviour/testkit/proxies/tcp-proxy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fixture } from './fixture.ts';
import { createWideView, openWideFixture } from './wide-fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startLocalServers(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

// Room for waits of up to a minute on a slow machine.
vi.setConfig({ testTimeout: 600_000 });

const day = '--ds=2010-12-01';
const megabyte = 1e6;

interface ProxiedFixture extends AsyncDisposable {
  readonly fixture: Fixture;
  readonly proxy: TcpProxy;
  readonly run: (variables?: Readonly<Record<string, string>>) => Promise<Ended>;
}

/** A day of `rows` rows of about 1 kB, behind a proxy. */
async function openProxiedFixture(rows: number): Promise<ProxiedFixture> {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openWideFixture(cloud, rows));
  const proxy = stack.use(await startTcpProxy(fixture.env['SOURCE_DATABASE_URL'] ?? ''));
  const env = { ...fixture.env, SOURCE_DATABASE_URL: proxy.through(fixture.database.url) };
  const all = stack.move();
  return {
    fixture,
    proxy,
    run: (variables = {}) => job.run({ ...env, ...variables }, day),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Expects exit code 75 and an empty bucket. */
async function expectTransient(ended: Ended, { fixture }: ProxiedFixture): Promise<void> {
  expect(ended.summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
  expect(ended.code).toBe(75);
  expect(await fixture.bucket.keys()).toEqual([]);
  expect(await fixture.openUploads()).toBe(0);
}

async function expectDone(ended: Ended, { fixture }: ProxiedFixture, rows: number): Promise<void> {
  expect(ended.summaries).toMatchObject([{ status: 'published', rows, exit: 0 }]);
  expect((await fixture.manifest('2010-12-01')).totals.rows).toBe(rows);
  expect(await fixture.bucket.keys()).toHaveLength(2);
}

describe('a source', () => {
  it.concurrent.each<readonly [string, NetworkFault, number]>([
    ['with a high latency', { is: 'latency', milliseconds: 40 }, 500],
    ['with a low bandwidth', { is: 'bandwidth', bytesPerSecond: 1 * megabyte }, 2_000],
  ])('%s is read', async (_, fault, rows) => {
    await using proxied = await openProxiedFixture(rows);
    proxied.proxy.fault = fault;
    await expectDone(await proxied.run(), proxied, rows);
    expect(proxied.proxy.connections()).toBeGreaterThan(0);
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
    await using proxied = await openProxiedFixture(20_000);
    proxied.proxy.fault = fault;
    const ended = await proxied.run({ SOURCE_STATEMENT_TIMEOUT: '3s' });
    expect(proxied.proxy.harmed()).toBeGreaterThan(0);
    await expectTransient(ended, proxied);
    expect(ended.summaries[0]?.['message']).toMatch(message);
    proxied.proxy.fault = { is: 'none' };
    await expectDone(await proxied.run(), proxied, 20_000);
  });
});

describe('a source that restarts in the middle of a copy', () => {
  it('fails the run as transient, and the next run succeeds', async () => {
    await using proxied = await openProxiedFixture(20_000);
    const asleep = `repeat('y', 950) || case when n > 15000 then pg_sleep(300)::text else '' end`;
    await createWideView(proxied.fixture.database, 20_000, asleep);
    const server = () => cloud.services.find(({ name }) => name === 'postgres');
    const running = proxied.run();
    await expect.poll(() => proxied.fixture.openUploads(), { timeout: 60_000 }).toBe(1);
    process.kill(server()?.pid ?? 0, 'SIGINT');
    await expectTransient(await running, proxied);
    await expect
      .poll(() => server(), { timeout: 60_000 })
      .toMatchObject({ state: 'ready', restarts: 1 });
    await createWideView(proxied.fixture.database, 20_000);
    await expectDone(await proxied.run(), proxied, 20_000);
  });
});
