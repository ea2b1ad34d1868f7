/** A bad network between the job and EMR, or its bucket. */
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

type Far = 'AWS_ENDPOINT_URL_EMR' | 'AWS_ENDPOINT_URL_S3';

/** A staged day, and a cluster of its own; the job reaches one of its two servers by way of a proxy. */
async function openFar(server: Far) {
  await using stack = new AsyncDisposableStack();
  const own = stack.use(await freshCluster(cloud, emr));
  await stage(own.bucket, '2010-12-01', { lines: reviews(50) });
  const direct = own.env[server] ?? '';
  const proxy = stack.use(await startTcpProxy(direct));
  const all = stack.move();
  return {
    proxy,
    env: { ...own.env, [server]: proxy.through(direct), SOCKET_TIMEOUT: '1s' },
    /** The states of all steps that the cluster was given. */
    states: async () => (await emr.steps(own.cluster)).map(({ state }) => state),
    published: () => published(own.bucket, '2010-12-01'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const threeSteps = ['COMPLETED', 'COMPLETED', 'COMPLETED'];

const [emrApi, bucket] = ['AWS_ENDPOINT_URL_EMR', 'AWS_ENDPOINT_URL_S3'] as const;

describe('a network that', () => {
  it.each<readonly [string, Far, NetworkFault]>([
    ['to EMR is slow', emrApi, { is: 'latency', milliseconds: 30 }],
    ['to EMR is thin', emrApi, { is: 'bandwidth', bytesPerSecond: 20_000 }],
    [
      'to EMR breaks every connection after a few answers',
      emrApi,
      { is: 'reset', afterBytes: 4_000 },
    ],
    ['to the bucket is thin', bucket, { is: 'bandwidth', bytesPerSecond: 20_000 }],
  ])('%s costs time only', async (_, server, fault) => {
    await using far = await openFar(server);
    far.proxy.fault = fault;
    const { exit, summaries } = await runToEnd(far.env, ...day);
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect(exit).toBe(0);
    expect(await far.states()).toEqual(threeSteps);
  });

  it.each<readonly [string, Far]>([
    ['EMR', emrApi],
    ['the bucket', bucket],
  ])(
    'to %s is not there is transient however it fails, adds no step, and the next run does the day',
    async (_, server) => {
      await using far = await openFar(server);
      const faults: readonly NetworkFault[] = [
        { is: 'reset', afterBytes: 0 },
        { is: 'half-open', afterBytes: 0 },
        { is: 'black-hole' },
      ];
      for (const fault of faults) {
        far.proxy.fault = fault;
        const { exit, summaries } = await runToEnd(far.env, ...day);
        expect(summaries).toMatchObject([{ status: 'failed', kind: 'transient', exit: 75 }]);
        expect(exit).toBe(75);
        expect(await far.published()).toBeUndefined();
      }
      expect(await far.states()).toEqual([]);
      far.proxy.fault = { is: 'none' };
      expect(await runToEnd(far.env, ...day)).toMatchObject({ exit: 0 });
      expect(await far.states()).toEqual(threeSteps);
    },
  );

  it.each([400, 4_000])(
    'to the bucket breaks every connection after %i bytes ends well, or with 75 and then well, by three steps in all',
    async (afterBytes) => {
      await using far = await openFar(bucket);
      far.proxy.fault = { is: 'reset', afterBytes };
      const { exit, summaries } = await runToEnd(far.env, ...day);
      expect(far.proxy.harmed()).toBeGreaterThan(0);
      expect(summaries).toMatchObject([
        exit === 0 ? { rows: 50 } : { kind: 'transient', exit: 75 },
      ]);
      far.proxy.fault = { is: 'none' };
      expect(await runToEnd(far.env, ...day)).toMatchObject({ exit: 0 });
      expect(await far.published()).toMatchObject({ totals: { rows: 50 } });
      expect(await far.states()).toEqual(threeSteps);
    },
  );

  it('to EMR falls silent while a step runs ends no wait: the step is found done', async () => {
    await using far = await openFar(emrApi);
    const job = startJob(far.env, ...day);
    await expect.poll(far.states, { timeout: 60_000 }).toContain('RUNNING');
    far.proxy.fault = { is: 'black-hole' };
    await expect.poll(far.states, { timeout: 60_000 }).not.toContain('RUNNING');
    far.proxy.fault = { is: 'none' };
    const { exit, summaries } = await job.finished;
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect(exit).toBe(0);
    expect(await far.states()).toEqual(threeSteps);
  });
});
