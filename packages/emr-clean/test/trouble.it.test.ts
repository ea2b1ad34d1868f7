/** What goes wrong around the steps: rivals, lost answers, signals, kills, clusters that go away. */
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startHttpFront } from '@user-behaviour/testkit/proxies/http-front';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmrConsole, freshCluster, type TestCluster } from './emr-console.ts';
import { runToEnd, startJob } from './job-process.ts';
import { published, reviews, slowScript, stage } from './staged-reviews.ts';
import { standingKeys } from './standing-keys.ts';

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
const clean = (run: string) => `emr-clean/2010-12-01/${run}/2-clean`;
const lease = 'movie_review/stage/2010-12-01/_lease.json';

const runs = (own: TestCluster, name: string) => emr.runs(own.cluster, name);
const stateOf = (own: TestCluster, name: string) => emr.stateOf(own.cluster, name);

describe('two runs of one day at once', () => {
  it('end as one (I4)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50) });
    const both = await Promise.all([
      runToEnd(own.env, ...day, '--run-id=r1'),
      runToEnd(own.env, ...day, '--run-id=r2'),
    ]);
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    const statuses = both.map(({ summaries }) => summaries[0]?.status);
    expect(statuses.toSorted()).toEqual(['published', 'superseded']);
    expect(await emr.steps(own.cluster)).toHaveLength(3);
    const manifest = await published(own.bucket, '2010-12-01');
    expect(manifest?.generation).toBe(1);
    expect(await standingKeys(own.bucket, 'movie_review/stage/2010-12-01/')).toHaveLength(
      2 + (manifest?.files.length ?? 0),
    );
  });
});

describe('a run whose lease another one took', () => {
  it('publishes nothing and leaves the lease alone (I2)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50) });
    const job = startJob(own.env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    const body = { version: 1, run: 'r2', owner: 'another', host: 'elsewhere', expiresAt };
    await own.bucket.put(lease, JSON.stringify(body));
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(75);
    expect(summaries[0]?.message).toContain('the lease of 2010-12-01 was lost');
    expect(await published(own.bucket, '2010-12-01')).toBeUndefined();
    expect(await own.bucket.text(lease)).toContain('another');
  });
});

describe('a lease that has expired by the server’s time', () => {
  it('is taken, whatever the host’s clock says', async () => {
    await using own = await freshCluster(cloud, emr);
    await using front = await startHttpFront(own.env['AWS_ENDPOINT_URL_S3'] ?? '');
    await stage(own.bucket, '2010-12-01', { lines: reviews(5) });
    const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const body = { version: 1, run: 'dead', owner: 'c', host: 'h', expiresAt: ahead(30) };
    await own.bucket.put(lease, JSON.stringify(body));
    front.rules.push({
      when: () => true,
      answered: (answer) => ({
        ...answer,
        headers: { ...answer.headers, date: ahead(60).toUTCString() },
      }),
    });
    const env = {
      ...own.env,
      AWS_ENDPOINT_URL_S3: front.url,
      // Comes to light once the lease is ours; one that is held is not waited for for long.
      EMR_CLUSTER_ID: 'j-NEVERTHERE',
      EMR_STEP_TIMEOUT: '1s',
      EMR_LEASE: '3s',
    };
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(summaries[0]?.message).toContain('cluster j-NEVERTHERE is gone');
    expect(exit).toBe(78);
  });
});

describe('answers that are lost or refused', () => {
  it('make no second step and end no wait (I5)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50) });
    const throttled = { kind: 'error', operation: 'DescribeStep', code: 'ThrottlingException' };
    await emr.fault(
      { kind: 'lose-reply', operation: 'AddJobFlowSteps' },
      { kind: 'reset', operation: 'AddJobFlowSteps' },
      ...Array.from({ length: 4 }, () => throttled),
    );
    const { exit, log } = await runToEnd(own.env, ...day, '--run-id=r1');
    expect(log.match(/could not add step/g)).toHaveLength(2);
    expect(log).toContain('ThrottlingException');
    expect(exit).toBe(0);
    expect(await emr.steps(own.cluster)).toEqual(
      ['1-copy-in', '2-clean', '3-copy-out'].map((step) => ({
        name: `emr-clean/2010-12-01/r1/${step}`,
        state: 'COMPLETED',
      })),
    );
  });
});

describe('a stopped run', () => {
  it('cancels its step, lets the day go and ends with 143', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 600) });
    const job = startJob(own.env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    expect(await standingKeys(own.bucket, lease)).toEqual([lease]);
    job.child.kill('SIGTERM');
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(143);
    expect(summaries).toMatchObject([{ status: 'failed', kind: 'interrupted', exit: 143 }]);
    expect(['CANCEL_PENDING', 'CANCELLED']).toContain(await stateOf(own, clean('r1')));
    expect(await standingKeys(own.bucket, 'movie_review/stage/')).toEqual([]);
  });

  it('that cannot cancel its step leaves that to the next one (I5)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 600) });
    const job = startJob(own.env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    const refusal = { kind: 'error', operation: 'ListSteps', code: 'ThrottlingException' };
    await emr.fault(refusal, refusal, refusal);
    job.child.kill('SIGTERM');
    expect(await job.finished).toMatchObject({ exit: 143 });
    expect(await stateOf(own, clean('r1'))).toBe('RUNNING');
    expect(await runToEnd(own.env, ...day, '--run-id=r2')).toMatchObject({ exit: 0 });
    expect(await stateOf(own, clean('r1'))).toBe('CANCELLED');
  });

  it('does the same when a step takes too long', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 600) });
    const env = { ...own.env, EMR_STEP_TIMEOUT: '5s' };
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(exit).toBe(75);
    expect(summaries[0]?.message).toContain(`${clean('r1')} was not completed within 5 s`);
    expect(['CANCEL_PENDING', 'CANCELLED']).toContain(await stateOf(own, clean('r1')));
    expect(await standingKeys(own.bucket, 'movie_review/stage/')).toEqual([]);
  });
});

describe('a killed run', () => {
  it('is taken up by a retry under its name, step and all (I5)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 8) });
    const env = { ...own.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r1');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', rows: 50 }]);
    expect((await emr.steps(own.cluster)).map(({ state }) => state)).toEqual([
      'COMPLETED',
      'COMPLETED',
      'COMPLETED',
    ]);
  });

  it('leaves no step working for nobody once another run has the day', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 600) });
    const env = { ...own.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r2');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'r2' }]);
    expect(await stateOf(own, clean('r1'))).toBe('CANCELLED');
  });

  it('is not forgotten by one that fails before it has ended its step (I5)', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(50), script: slowScript('r1', 600) });
    const env = { ...own.env, EMR_LEASE: '3s' };
    const job = startJob(env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    job.child.kill('SIGKILL');
    await job.finished;
    const refusal = { kind: 'error', operation: 'DescribeCluster', code: 'ThrottlingException' };
    await emr.fault(refusal, refusal, refusal);
    const second = await runToEnd(env, ...day, '--run-id=r2');
    expect(second).toMatchObject({ exit: 75, summaries: [{ kind: 'transient' }] });
    expect(await stateOf(own, clean('r1'))).toBe('RUNNING');
    expect(await standingKeys(own.bucket, lease)).toEqual([]);
    const { exit, summaries } = await runToEnd(env, ...day, '--run-id=r3');
    expect(exit).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', publishedRun: 'r3' }]);
    expect(await stateOf(own, clean('r1'))).toBe('CANCELLED');
    expect(await published(own.bucket, '2010-12-01')).toMatchObject({ run: 'r3', generation: 1 });
  });
});

describe('a cluster that is gone', () => {
  it('is wrong configuration, whether it is terminated or was never there', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(5) });
    await emr.terminate(own.cluster);
    for (const EMR_CLUSTER_ID of [own.cluster, 'j-NEVERTHERE']) {
      const { exit, summaries } = await runToEnd({ ...own.env, EMR_CLUSTER_ID }, ...day);
      expect(exit).toBe(78);
      expect(summaries[0]?.message).toContain(`cluster ${EMR_CLUSTER_ID} is gone`);
      expect(summaries[0]?.action).toContain('EMR_CLUSTER_ID');
    }
    expect(await standingKeys(own.bucket, lease)).toEqual([]);
  });

  it('is found out while a step runs on it', async () => {
    await using own = await freshCluster(cloud, emr);
    await stage(own.bucket, '2010-12-01', { lines: reviews(5), script: slowScript('r1', 600) });
    const job = startJob(own.env, ...day, '--run-id=r1');
    await runs(own, clean('r1'));
    await emr.terminate(own.cluster);
    const { exit, summaries } = await job.finished;
    expect(exit).toBe(78);
    expect(summaries[0]?.message).toContain(`cluster ${own.cluster} is gone: TERMINAT`);
  });
});
