/** Runs with a transient cluster, including one that is suspended. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { EmrConsole } from './emr-console.ts';
import { runToEnd, startJob } from './job-process.ts';
import { reviews, slowScript, stage } from './staged-reviews.ts';

let cloud: TestCloud;
let emr: EmrConsole;

beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
  return () => cloud[Symbol.asyncDispose]();
});

const day = ['--ds=2010-12-01'];

async function stagedBucket(script?: string) {
  const bucket = await freshBucket(cloud);
  await stage(bucket, '2010-12-01', { lines: reviews(5), ...(script ? { script } : {}) });
  return {
    env: {
      ...bucket.env,
      EMR_CLUSTER_ID: '',
      EMR_SERVICE_ROLE: 'service',
      EMR_JOB_FLOW_ROLE: 'nodes',
      EMR_SUBNET_ID: 'subnet-0a1b2c3d',
      EMR_LEASE: '3s',
    },
    [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose](),
  };
}

describe('a transient cluster', () => {
  it('is started once despite a lost reply, and terminated', async () => {
    await using staged = await stagedBucket();
    await emr.fault({ kind: 'lose-reply', operation: 'RunJobFlow' });
    const { exit, summaries } = await runToEnd(staged.env, ...day, '--run-id=transient-1');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published' }]);
    const clusters = await emr.clustersNamed('emr-clean/transient-1');
    expect(clusters).toHaveLength(1);
    expect(await emr.clusterState(clusters[0] ?? '')).toMatch(/^TERMINAT/);
    // A run with nothing to do starts no cluster.
    expect(await runToEnd(staged.env, ...day, '--run-id=transient-2')).toMatchObject({
      exit: 0,
      summaries: [{ status: 'unchanged' }],
    });
    expect(await emr.clustersNamed('emr-clean/transient-2')).toEqual([]);
  });

  it('is terminated by the run that takes over the day; its suspended run then reports a lost lease (I5)', async () => {
    await using staged = await stagedBucket(slowScript('suspended', 600));
    const suspended = startJob(staged.env, ...day, '--run-id=suspended');
    onTestFinished(() => void suspended.child.kill('SIGKILL'));
    const name = 'emr-clean/suspended';
    await expect.poll(() => emr.clustersNamed(name), { timeout: 30_000 }).toHaveLength(1);
    const [cluster = ''] = await emr.clustersNamed(name);
    await emr.waitUntilRunning(cluster, 'emr-clean/2010-12-01/suspended/2-clean');
    // To every other process a suspended run looks like a killed one.
    suspended.child.kill('SIGSTOP');
    const { exit, summaries } = await runToEnd(staged.env, ...day, '--run-id=successor');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'successor' }]);
    expect(await emr.clusterState(cluster)).toMatch(/^TERMINAT/);
    suspended.child.kill('SIGCONT');
    const resumed = await suspended.finished;
    expect(resumed).toMatchObject({ exit: 75, summaries: [{ kind: 'transient' }] });
    expect(resumed.summaries[0]?.message).toContain('the lease of 2010-12-01 was lost');
  });
});
