/** Runs that start a cluster of their own, whole and killed. */
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

describe('a cluster of the run’s own', () => {
  it('is started once, though the answer is lost, and ended', async () => {
    await using own = await stagedBucket();
    await emr.fault({ kind: 'lose-reply', operation: 'RunJobFlow' });
    const { exit, summaries } = await runToEnd(own.env, ...day, '--run-id=own-cluster-1');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published' }]);
    const clusters = await emr.clustersNamed('emr-clean/own-cluster-1');
    expect(clusters).toHaveLength(1);
    expect(await emr.clusterState(clusters[0] ?? '')).toMatch(/^TERMINAT/);
    // With nothing to do, none is started.
    expect(await runToEnd(own.env, ...day, '--run-id=own-cluster-2')).toMatchObject({
      exit: 0,
      summaries: [{ status: 'unchanged' }],
    });
    expect(await emr.clustersNamed('emr-clean/own-cluster-2')).toEqual([]);
  });

  it('is ended by the run that takes the day over, which costs a sleeper no more than a lost lease (I5)', async () => {
    await using own = await stagedBucket(slowScript('sleeper', 600));
    const sleeper = startJob(own.env, ...day, '--run-id=sleeper');
    onTestFinished(() => void sleeper.child.kill('SIGKILL'));
    const name = 'emr-clean/sleeper';
    await expect.poll(() => emr.clustersNamed(name), { timeout: 30_000 }).toHaveLength(1);
    const [cluster = ''] = await emr.clustersNamed(name);
    await emr.runs(cluster, 'emr-clean/2010-12-01/sleeper/2-clean');
    // To all others it is as good as killed.
    sleeper.child.kill('SIGSTOP');
    const { exit, summaries } = await runToEnd(own.env, ...day, '--run-id=heir');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'heir' }]);
    expect(await emr.clusterState(cluster)).toMatch(/^TERMINAT/);
    sleeper.child.kill('SIGCONT');
    const woken = await sleeper.finished;
    expect(woken).toMatchObject({ exit: 75, summaries: [{ kind: 'transient' }] });
    expect(woken.summaries[0]?.message).toContain('the lease of 2010-12-01 was lost');
  });
});
