/** Failures around the steps: concurrent runs, lost replies, signals, kills, and clusters that disappear. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster, type TestCluster } from './emr-console.ts';
import { runToEnd, startJob } from './job-process.ts';
import { published, reviews, slowScript, stage } from './staged-reviews.ts';
import { remainingKeys } from './remaining-keys.ts';

let cloud: TestCloud;
let emr: EmrConsole;

beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
});

const day = ['--ds=2010-12-01'];
const cleanStep = (run: string) => `emr-clean/2010-12-01/${run}/2-clean`;
const lease = 'movie_review/stage/2010-12-01/_lease.json';

const waitUntilRunning = ({ id }: TestCluster, step: string) => emr.waitUntilRunning(id, step);
const stateOf = ({ id }: TestCluster, step: string) => emr.stateOf(id, step);

describe('concurrent runs of one day', () => {
  it('converge on one result (I4)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(50) });
    const both = await Promise.all([
      runToEnd(cluster.env, ...day, '--run-id=r1'),
      runToEnd(cluster.env, ...day, '--run-id=r2'),
    ]);
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    const statuses = both.map(({ summaries }) => summaries[0]?.status);
    expect(statuses.toSorted()).toEqual(['published', 'superseded']);
    expect(await emr.steps(cluster.id)).toHaveLength(4);
    const manifest = await published(cluster.bucket, '2010-12-01');
    expect(manifest?.generation).toBe(1);
    expect(await remainingKeys(cluster.bucket, 'movie_review/stage/2010-12-01/')).toHaveLength(
      2 + (manifest?.files.length ?? 0),
    );
  });
});

describe('a run whose lease was taken by another run', () => {
  it('publishes nothing and does not touch the lease (I2)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(50) });
    const job = startJob(cluster.env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    const body = { version: 1, run: 'r2', owner: 'another', host: 'elsewhere', expiresAt };
    await cluster.bucket.put(lease, JSON.stringify(body));
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(75);
    expect(summaries[0]?.message).toContain('the lease of 2010-12-01 was lost');
    expect(await published(cluster.bucket, '2010-12-01')).toBeUndefined();
    expect(await cluster.bucket.text(lease)).toContain('another');
  });
});

describe('a lease that has expired by the server’s clock', () => {
  it('is taken over whatever the host’s clock says', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await using front = await startHttpProxy(cluster.env['AWS_ENDPOINT_URL_S3'] ?? '');
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(5) });
    const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const body = { version: 1, run: 'dead', owner: 'c', host: 'h', expiresAt: ahead(5) };
    await cluster.bucket.put(lease, JSON.stringify(body));
    front.rules.push({
      when: () => true,
      // S3 refuses what is signed more than 15 minutes off its clock.
      answered: (answer) => ({
        ...answer,
        headers: { ...answer.headers, date: ahead(10).toUTCString() },
      }),
    });
    const env = {
      ...cluster.env,
      AWS_ENDPOINT_URL_S3: front.url,
      // The unknown cluster fails the run only after it has taken the lease.
      // The short timeouts limit the wait for a held lease.
      EMR_CLUSTER_ID: 'j-UNKNOWN',
      EMR_STEP_TIMEOUT: '1s',
      EMR_LEASE: '3s',
    };
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(summaries[0]?.message).toContain('cluster j-UNKNOWN is gone');
    expect(exit).toBe(78);
  });
});

describe('lost replies and refused calls', () => {
  it('add no second step and end no wait (I5)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(50) });
    const throttled = { kind: 'error', operation: 'DescribeStep', code: 'ThrottlingException' };
    await emr.fault(
      { kind: 'lose-reply', operation: 'AddJobFlowSteps' },
      { kind: 'reset', operation: 'AddJobFlowSteps' },
      ...Array.from({ length: 4 }, () => throttled),
    );
    const { exit, log } = await runToEnd(cluster.env, ...day, '--run-id=r1');
    expect(log.match(/could not add step/g)).toHaveLength(2);
    expect(log).toContain('ThrottlingException');
    expect(exit).toBe(0);
    expect(await emr.steps(cluster.id)).toEqual(
      ['1-copy-in', '2-clean', '3-copy-out', '4-clean-up'].map((step) => ({
        name: `emr-clean/2010-12-01/r1/${step}`,
        state: 'COMPLETED',
      })),
    );
  });
});

describe('a stopped run', () => {
  it('cancels its step, releases the day and exits with 143', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', {
      lines: reviews(50),
      script: slowScript('r1', 600),
    });
    const job = startJob(cluster.env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    expect(await remainingKeys(cluster.bucket, lease)).toEqual([lease]);
    job.child.kill('SIGTERM');
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(143);
    expect(summaries).toMatchObject([{ status: 'failed', kind: 'interrupted', exit: 143 }]);
    expect(['CANCEL_PENDING', 'CANCELLED']).toContain(await stateOf(cluster, cleanStep('r1')));
    expect(await remainingKeys(cluster.bucket, 'movie_review/stage/')).toEqual([]);
    await expect.poll(cloud.hdfsFiles, { timeout: 30_000 }).toEqual([]);
  });

  it('leaves a step that it cannot cancel to the next run (I5)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', {
      lines: reviews(50),
      script: slowScript('r1', 600),
    });
    const job = startJob(cluster.env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    const refusal = { kind: 'error', operation: 'ListSteps', code: 'ThrottlingException' };
    await emr.fault(refusal, refusal, refusal);
    job.child.kill('SIGTERM');
    expect(await job.finished).toMatchObject({ exit: 143 });
    expect(await stateOf(cluster, cleanStep('r1'))).toBe('RUNNING');
    expect(await runToEnd(cluster.env, ...day, '--run-id=r2')).toMatchObject({ exit: 0 });
    expect(await stateOf(cluster, cleanStep('r1'))).toBe('CANCELLED');
  });

  it('does the same after EMR_STEP_TIMEOUT', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', {
      lines: reviews(50),
      script: slowScript('r1', 600),
    });
    const env = { ...cluster.env, EMR_STEP_TIMEOUT: '5s' };
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(exit).toBe(75);
    expect(summaries[0]?.message).toContain(`${cleanStep('r1')} was not completed within 5 s`);
    expect(['CANCEL_PENDING', 'CANCELLED']).toContain(await stateOf(cluster, cleanStep('r1')));
    expect(await remainingKeys(cluster.bucket, 'movie_review/stage/')).toEqual([]);
  });
});

describe('a killed run', () => {
  it('is resumed by a retry under the same run id, including its live step (I5)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 8) });
    const env = { ...cluster.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect((await emr.steps(cluster.id)).map(({ state }) => state)).toEqual([
      'COMPLETED',
      'COMPLETED',
      'COMPLETED',
      'COMPLETED',
    ]);
  });

  it('leaves no live step once another run has the day', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', {
      lines: reviews(50),
      script: slowScript('r1', 600),
    });
    const env = { ...cluster.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r2');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'r2' }]);
    expect(await stateOf(cluster, cleanStep('r1'))).toBe('CANCELLED');
    // What the killed run left on HDFS went with it.
    await expect.poll(cloud.hdfsFiles, { timeout: 30_000 }).toEqual([]);
  });

  it('stays on record if the next run fails before it has cancelled the step (I5)', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', {
      lines: reviews(50),
      script: slowScript('r1', 600),
    });
    const env = { ...cluster.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const refusal = { kind: 'error', operation: 'DescribeCluster', code: 'ThrottlingException' };
    await emr.fault(refusal, refusal, refusal);
    const second = await runToEnd(env, ...day, '--run-id=r2');
    expect(second).toMatchObject({ exit: 75, summaries: [{ kind: 'transient' }] });
    expect(await stateOf(cluster, cleanStep('r1'))).toBe('RUNNING');
    expect(await remainingKeys(cluster.bucket, lease)).toEqual([]);
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r3');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'r3' }]);
    expect(await stateOf(cluster, cleanStep('r1'))).toBe('CANCELLED');
    expect(await published(cluster.bucket, '2010-12-01')).toMatchObject({
      run: 'r3',
      generation: 1,
    });
  });
});

describe('a cluster that is gone', () => {
  it('is a configuration failure, whether it was terminated or never existed', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(5) });
    await emr.terminate(cluster.id);
    for (const EMR_CLUSTER_ID of [cluster.id, 'j-UNKNOWN']) {
      const { exit, summaries } = await runToEnd({ ...cluster.env, EMR_CLUSTER_ID }, ...day);
      expect(exit).toBe(78);
      expect(summaries[0]?.message).toContain(`cluster ${EMR_CLUSTER_ID} is gone`);
      expect(summaries[0]?.action).toContain('EMR_CLUSTER_ID');
    }
    expect(await remainingKeys(cluster.bucket, lease)).toEqual([]);
  });

  it('is noticed while a step runs on it', async () => {
    await using cluster = await freshCluster(cloud, emr);
    await stage(cluster.bucket, '2010-12-01', { lines: reviews(5), script: slowScript('r1', 600) });
    const job = startJob(cluster.env, ...day, '--run-id=r1');
    await waitUntilRunning(cluster, cleanStep('r1'));
    await emr.terminate(cluster.id);
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(78);
    expect(summaries[0]?.message).toContain(`cluster ${cluster.id} is gone: TERMINAT`);
  });
});
