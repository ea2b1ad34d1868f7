/** Network faults between the job and EMR, or between the job and its bucket. */
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type NetworkFault, startTcpProxy } from '@user-behaviour/testkit/proxies/tcp-proxy';
import { beforeAll, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster } from './emr-console.ts';
import { runToEnd, startJob } from './job-process.ts';
import { published, reviews, stage } from './staged-reviews.ts';

let cloud: TestCloud;
let emr: EmrConsole;
beforeAll(async () => {
  cloud = await startLocalServers(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
  return () => cloud[Symbol.asyncDispose]();
});

const day = ['--ds=2010-12-01', '--run-id=one'];

type Server = 'AWS_ENDPOINT_URL_EMR' | 'AWS_ENDPOINT_URL_S3';

/** A staged day and a cluster. The job reaches one of its two servers through a proxy. */
async function openThroughProxy(server: Server) {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await freshCluster(cloud, emr));
  await stage(cluster.bucket, '2010-12-01', { lines: reviews(50) });
  const direct = cluster.env[server] ?? '';
  const proxy = stack.use(await startTcpProxy(direct));
  const all = stack.move();
  return {
    proxy,
    env: { ...cluster.env, [server]: proxy.through(direct), SOCKET_TIMEOUT: '1s' },
    /** The states of all steps of the cluster. */
    states: async () => (await emr.steps(cluster.id)).map(({ state }) => state),
    published: () => published(cluster.bucket, '2010-12-01'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const fourSteps = ['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED'];

const [emrApi, bucket] = ['AWS_ENDPOINT_URL_EMR', 'AWS_ENDPOINT_URL_S3'] as const;

describe('a network', () => {
  it.each<readonly [string, Server, NetworkFault]>([
    ['with latency to EMR', emrApi, { is: 'latency', milliseconds: 30 }],
    ['with little bandwidth to EMR', emrApi, { is: 'bandwidth', bytesPerSecond: 20_000 }],
    [
      'that resets every connection to EMR after a few replies',
      emrApi,
      { is: 'reset', afterBytes: 4_000 },
    ],
    // The job reads the script of 22 KB, and the proxy holds back what it reads at once: less than SOCKET_TIMEOUT.
    ['with little bandwidth to the bucket', bucket, { is: 'bandwidth', bytesPerSecond: 60_000 }],
  ])('%s costs only time', async (_, server, fault) => {
    await using fixture = await openThroughProxy(server);
    fixture.proxy.fault = fault;
    const { exit, summaries } = await runToEnd(fixture.env, ...day);
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect(exit).toBe(0);
    expect(await fixture.states()).toEqual(fourSteps);
  });

  it.each<readonly [string, Server]>([
    ['EMR', emrApi],
    ['the bucket', bucket],
  ])(
    'that cannot reach %s is a transient failure and adds no step; the next run cleans the day',
    async (_, server) => {
      await using fixture = await openThroughProxy(server);
      const faults: readonly NetworkFault[] = [
        { is: 'reset', afterBytes: 0 },
        { is: 'half-open', afterBytes: 0 },
        { is: 'black-hole' },
      ];
      for (const fault of faults) {
        fixture.proxy.fault = fault;
        const { exit, summaries } = await runToEnd(fixture.env, ...day);
        expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
        expect(exit).toBe(75);
        expect(await fixture.published()).toBeUndefined();
      }
      expect(await fixture.states()).toEqual([]);
      fixture.proxy.fault = { is: 'none' };
      expect(await runToEnd(fixture.env, ...day)).toMatchObject({ exit: 0 });
      expect(await fixture.states()).toEqual(fourSteps);
    },
  );

  it.each([400, 4_000])(
    'that resets every connection to the bucket after %i bytes succeeds at once or on the second run, with four steps in all',
    async (afterBytes) => {
      await using fixture = await openThroughProxy(bucket);
      fixture.proxy.fault = { is: 'reset', afterBytes };
      const { exit, summaries } = await runToEnd(fixture.env, ...day);
      expect(fixture.proxy.harmed()).toBeGreaterThan(0);
      expect(summaries).toMatchObject([
        exit === 0 ? { rows: 50 } : { kind: 'transient', exit: 75 },
      ]);
      fixture.proxy.fault = { is: 'none' };
      expect(await runToEnd(fixture.env, ...day)).toMatchObject({ exit: 0 });
      expect(await fixture.published()).toMatchObject({ totals: { rows: 50 } });
      expect(await fixture.states()).toEqual(fourSteps);
    },
  );

  it('that drops all packets to EMR while a step runs does not end the wait', async () => {
    await using fixture = await openThroughProxy(emrApi);
    const job = startJob(fixture.env, ...day);
    await expect.poll(fixture.states, { timeout: 60_000 }).toContain('RUNNING');
    fixture.proxy.fault = { is: 'black-hole' };
    await expect.poll(fixture.states, { timeout: 60_000 }).not.toContain('RUNNING');
    fixture.proxy.fault = { is: 'none' };
    const { exit, summaries } = await job.finished;
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect(exit).toBe(0);
    expect(await fixture.states()).toEqual(fourSteps);
  });
});
