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

  it('is started as its variables say', async () => {
    await using staged = await stagedBucket();
    await emr.createSecurityConfiguration('sealed');
    const env = {
      ...staged.env,
      EMR_SUBNET_ID: 'subnet-1,subnet-2',
      EMR_INSTANCE_COUNT: '3',
      EMR_TASK_SPOT_COUNT: '4',
      EMR_PRIMARY_SECURITY_GROUP: 'sg-1',
      EMR_CORE_SECURITY_GROUP: 'sg-2',
      EMR_SERVICE_SECURITY_GROUP: 'sg-3',
      EMR_SECURITY_CONFIGURATION: 'sealed',
      EMR_TAGS: 'team=data',
    };
    expect(await runToEnd(env, ...day, '--run-id=fleets')).toMatchObject({ exit: 0 });
    const [id = ''] = await emr.clustersNamed('emr-clean/fleets');
    expect(await emr.describe(id)).toMatchObject({
      ReleaseLabel: 'emr-7.14.0',
      SecurityConfiguration: 'sealed',
      Tags: [
        { Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' },
        { Key: 'project', Value: 'user-behaviour' },
        { Key: 'job', Value: 'emr-clean' },
        { Key: 'team', Value: 'data' },
      ],
      Ec2InstanceAttributes: {
        RequestedEc2SubnetIds: ['subnet-1', 'subnet-2'],
        EmrManagedMasterSecurityGroup: 'sg-1',
        EmrManagedSlaveSecurityGroup: 'sg-2',
        ServiceAccessSecurityGroup: 'sg-3',
      },
      fleets: [
        ['MASTER', 1, 0],
        ['CORE', 2, 0],
        ['TASK', 0, 4],
      ],
    });
  });

  it.each([
    [
      'without the tag that its service role needs',
      { EMR_TAGS: 'for-use-with-amazon-emr-managed-policies=false' },
      'Service role service has insufficient EC2 permissions',
    ],
    [
      'with a security configuration that does not exist',
      { EMR_SECURITY_CONFIGURATION: 'unsealed' },
      "Security configuration with name 'unsealed' does not exist.",
    ],
    [
      'with a release that does not exist',
      { EMR_RELEASE_LABEL: 'emr-7.99.0' },
      'The supplied release label is invalid: emr-7.99.0.',
    ],
  ])('%s ends the run with 78', async (_, own, why) => {
    await using staged = await stagedBucket();
    const { exit, summaries } = await runToEnd({ ...staged.env, ...own }, ...day);
    expect(summaries[0]?.message).toContain(why);
    expect(exit).toBe(78);
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
