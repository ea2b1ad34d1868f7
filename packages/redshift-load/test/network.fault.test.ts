/** A bad network between the job and the warehouse. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type NetworkFault, startTcpProxy } from '@user-behaviour/testkit/proxies/tcp-proxy';
import { delayLoad, occupy } from './busy-warehouse.ts';
import { expectedSlice, openFixture } from './load-fixture.ts';
import { stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startLocalServers(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const purchases = [{ quantity: 3, price: '2.55', customer: 1 }];
const reviews = [{ customer: 1, positive: true }];

async function openDistantFixture() {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud, job));
  await stagePurchases(fixture.bucket, fixture.ds, purchases);
  await stageReviews(fixture.bucket, fixture.ds, reviews);
  const direct = fixture.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '';
  const proxy = stack.use(await startTcpProxy(direct));
  const env = {
    ...fixture.env,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: proxy.through(direct),
    SOCKET_TIMEOUT: '4s',
    REDSHIFT_STATEMENT_TIMEOUT: '10s',
  };
  const kept = stack.move();
  return {
    fixture,
    proxy,
    start: (run: string) => job.start(env, `--ds=${fixture.ds}`, `--run-id=${run}`),
    load: () => job.run(env, `--ds=${fixture.ds}`, '--run-id=one'),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const expected = expectedSlice(purchases, reviews);

describe('a network to the warehouse that', () => {
  it.concurrent.each<readonly [string, NetworkFault]>([
    ['is slow', { is: 'latency', milliseconds: 30 }],
    ['has little bandwidth', { is: 'bandwidth', bytesPerSecond: 200_000 }],
    ['breaks every connection after a few replies', { is: 'reset', afterBytes: 16_000 }],
  ])('%s costs only time', async (_, fault) => {
    await using far = await openDistantFixture();
    far.proxy.fault = fault;
    const { code, summaries } = await far.load();
    expect(summaries).toMatchObject([{ status: 'loaded', exit: 0 }]);
    expect(code).toBe(0);
    expect(await far.fixture.slice()).toEqual(expected);
  });

  it.concurrent.each<readonly [string, NetworkFault]>([
    ['breaks every connection at once', { is: 'reset', afterBytes: 0 }],
    ['never answers', { is: 'half-open', afterBytes: 0 }],
    ['drops everything', { is: 'black-hole' }],
  ])('%s is transient, changes nothing, and the next run loads the day', async (_, fault) => {
    await using far = await openDistantFixture();
    far.proxy.fault = fault;
    const { code, summaries } = await far.load();
    expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
    expect(code).toBe(75);
    far.proxy.fault = { is: 'none' };
    expect(await far.load()).toMatchObject({ code: 0 });
    expect(await far.fixture.slice()).toEqual(expected);
  });

  it('falls silent during a load ends it at its deadline with 75, and the next run is right', async () => {
    await using far = await openDistantFixture();
    const { fixture, proxy } = far;
    expect(await far.load()).toMatchObject({ code: 0 });
    const more = [...purchases, { quantity: 9, price: '9', customer: 1 }];
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    const states = async (step: string) =>
      (await fixture.warehouse.statements(`redshift-load/${fixture.ds}/silent/${step}`)).map(
        ({ Status }) => Status,
      );
    const patience = { timeout: 60_000 };
    await delayLoad(fixture.warehouse);
    const silent = far.start('silent');
    await expect.poll(() => states('partitions-1'), patience).toEqual(['FINISHED']);
    const long = await occupy(fixture.warehouse);
    await expect.poll(() => states('load-1'), patience).toHaveLength(1);
    proxy.fault = { is: 'black-hole' };
    const { code, summaries } = await silent.ended;
    expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
    expect(code).toBe(75);
    await fixture.warehouse.cancel(long);
    proxy.fault = { is: 'none' };
    expect(await far.start('next').ended).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expectedSlice(more, reviews));
    // The load that lost its job ends, too.
    await expect.poll(() => states('load-1'), patience).not.toEqual(['STARTED']);
    expect(await fixture.slice()).toEqual(expectedSlice(more, reviews));
    expect(await fixture.ledger()).toMatchObject({
      purchases_run: 'p2',
      purchases_generation: '2',
    });
  });
});
