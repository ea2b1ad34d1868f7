import { beforeAll, describe, expect, it } from 'vitest';
import { nextDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { LoadFixture } from './load-fixture.ts';
import { expected, expectedOfMore, more, openSmallDay, purchases, reviews } from './small-day.ts';
import { delayLoad, occupy } from './busy-warehouse.ts';
import { stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const stagedFixture = () => openSmallDay(cloud, job);

/** The states of all statements of a run whose step begins with `step`. */
const states = async ({ ds, warehouse }: LoadFixture, run: string, step = '') =>
  (await warehouse.statements(`redshift-load/${ds}/${run}/${step}`)).map(({ Status }) => Status);

describe('a lost reply (I5)', () => {
  it.each(['BatchExecuteStatement', 'ExecuteStatement'])(
    'to %s repeats nothing',
    async (operation) => {
      await using fixture = await stagedFixture();
      await fixture.warehouse.script(
        ...Array.from({ length: 2 }, () => ({ kind: 'lose-reply', operation })),
      );
      expect(await fixture.load('--run-id=one')).toMatchObject({ code: 0 });
      expect(await fixture.slice()).toEqual(expected);
      for (const step of ['loaded', 'partitions-1', 'load-1']) {
        expect(await states(fixture, 'one', step)).toEqual(['FINISHED']);
      }
    },
  );

  it('to every attempt of the load is transient, and a retry of the run has the same result', async () => {
    await using fixture = await stagedFixture();
    await fixture.warehouse.script(
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
      ...Array.from({ length: 3 }, () => ({
        kind: 'lose-reply',
        operation: 'BatchExecuteStatement',
      })),
    );
    const { code, summaries } = await fixture.load('--run-id=one');
    expect(code).toBe(75);
    expect(summaries).toMatchObject([{ kind: 'transient' }]);
    expect(await fixture.load('--run-id=one')).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expected);
    expect(await states(fixture, 'one', 'load-1')).toEqual(['FINISHED']);
  });

  it('to GetStatementResult costs only time', async () => {
    await using fixture = await stagedFixture();
    await fixture.warehouse.script(
      { kind: 'lose-reply', operation: 'GetStatementResult' },
      { kind: 'error', operation: 'GetStatementResult', code: 'ThrottlingException' },
    );
    expect(await fixture.load()).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expected);
  });
});

describe('concurrent runs', () => {
  it('of one day that was never loaded converge on one result (I4)', async () => {
    await using fixture = await stagedFixture();
    const ended = await Promise.all(
      ['one', 'two', 'three'].map((run) => fixture.load(`--run-id=${run}`)),
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await fixture.slice()).toEqual(expected);
    const count = await fixture.warehouse.query(
      `select count(*) as n from public.user_behavior_metric_load where ds = '${fixture.ds}'`,
    );
    expect(count).toEqual([{ n: '1' }]);
  });

  it('with the same run id share statements', async () => {
    await using fixture = await stagedFixture();
    const ended = await Promise.all([fixture.load('--run-id=one'), fixture.load('--run-id=one')]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await fixture.slice()).toEqual(expected);
  });

  it('of one day while its upstream changes: the newer one wins (I2, I4)', async () => {
    await using fixture = await stagedFixture();
    await fixture.warehouse.script({
      kind: 'delay',
      operation: 'BatchExecuteStatement',
      before: 500,
    });
    const early = fixture.start('--run-id=early');
    await expect
      .poll(() => states(fixture, 'early', 'loaded'), { timeout: 60_000 })
      .not.toEqual([]);
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    const ended = await Promise.all([early.ended, fixture.load('--run-id=late')]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await fixture.slice()).toEqual(expectedOfMore);
    expect(await fixture.ledger()).toMatchObject({
      purchases_run: 'p2',
      purchases_generation: '2',
    });
  });

  it('of one day whose upstream changes before the commit: it starts over by itself (I2)', async () => {
    await using fixture = await stagedFixture();
    await fixture.warehouse.script(
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 6_000 },
    );
    const loading = fixture.start('--run-id=alone');
    await expect
      .poll(() => states(fixture, 'alone', 'partitions-1'), { timeout: 60_000 })
      .toEqual(['FINISHED']);
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    expect(await loading.ended).toMatchObject({ code: 0 });
    expect(await states(fixture, 'alone', 'load-')).toEqual(['FINISHED', 'FINISHED']);
    expect(await fixture.slice()).toEqual(expectedOfMore);
    expect(await fixture.ledger()).toMatchObject({ run: 'alone', purchases_run: 'p2' });
  });
});

describe('a stop (I5)', () => {
  it('during the load cancels it, changes nothing and ends with 143', async () => {
    await using fixture = await stagedFixture();
    await fixture.load('--run-id=good');
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    await delayLoad(fixture.warehouse);
    const loading = fixture.start('--run-id=stopped');
    const patience = { timeout: 60_000 };
    await expect
      .poll(() => states(fixture, 'stopped', 'partitions-1'), patience)
      .toEqual(['FINISHED']);
    const long = await occupy(fixture.warehouse);
    await expect.poll(() => states(fixture, 'stopped', 'load-1'), patience).toHaveLength(1);
    loading.child.kill('SIGTERM');
    const { code, summaries } = await loading.ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([{ kind: 'interrupted', exit: 143 }]);
    expect(await states(fixture, 'stopped', 'load-1')).toEqual(['ABORTED']);
    await fixture.warehouse.cancel(long);
    expect(await fixture.slice()).toEqual(expected);
    expect(await fixture.ledger()).toMatchObject({ run: 'good', purchases_run: 'p1' });

    expect(await fixture.load('--run-id=stopped')).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expectedOfMore);
  });

  it.each([1, 2])(
    'by a kill leaves a load of %i days that a retry of the run finds again',
    async (count) => {
      await using fixture = await stagedFixture();
      const { bucket, ds, warehouse } = fixture;
      const second = nextDs(ds);
      await stagePurchases(bucket, second, purchases);
      await stageReviews(bucket, second, reviews);
      const days = [ds, second].slice(0, count);
      const name = count === 1 ? ds : `days/${ds}..${second}`;
      const loads = () => warehouse.statements(`redshift-load/${name}/killed/load-`);
      const argv = [`--through=${days.at(-1) ?? ds}`, '--run-id=killed'];
      const loading = fixture.start(...argv);
      await expect.poll(loads, { timeout: 60_000, interval: 5 }).toHaveLength(1);
      loading.child.kill('SIGKILL');
      await loading.ended;
      const { code, summaries } = await fixture.load(...argv);
      expect(code).toBe(0);
      for (const { status } of summaries) expect(['loaded', 'unchanged']).toContain(status);
      for (const day of days) expect(await fixture.slice(day)).toEqual(expected);
      expect(await loads()).toHaveLength(1);
    },
  );
});

describe('a serializable isolation violation', () => {
  it('rolls everything back, and a retry under another token makes the right slice', async () => {
    await using fixture = await stagedFixture();
    await fixture.load('--run-id=good');
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    const operation = 'BatchExecuteStatement';
    const message = '1023\n  Detail: Serializable isolation violation on table - 100123';
    await fixture.warehouse.script(
      { kind: 'delay', operation, before: 0 },
      { kind: 'fail', operation, message },
      { kind: 'fail', operation, message },
    );
    const { code, log } = await fixture.load('--run-id=one');
    expect(code).toBe(0);
    expect(log.filter(({ msg }) => String(msg).includes('conflicts with another'))).toHaveLength(2);
    const tries = await fixture.warehouse.statements(`redshift-load/${fixture.ds}/one/load-1`);
    expect(tries.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'FAILED', 'FINISHED']);
    expect(new Set(tries.map(({ QueryStrings }) => JSON.stringify(QueryStrings))).size).toBe(1);
    expect(await fixture.slice()).toEqual(expectedOfMore);
    expect(await fixture.ledger()).toMatchObject({ run: 'one', purchases_run: 'p2' });
  });
});

describe('trouble that passes at the warehouse', () => {
  it.each(['Spectrum Scan Error: Retries exceeded', 'deadlock detected'])(
    'is tried again within the run: %s',
    async (message) => {
      await using fixture = await stagedFixture();
      const operation = 'BatchExecuteStatement';
      await fixture.warehouse.script({ kind: 'fail', operation, message });
      expect(await fixture.load('--run-id=one')).toMatchObject({ code: 0 });
      expect(await fixture.slice()).toEqual(expected);
    },
  );

  it('that lasts ends with 75 and the text of Redshift', async () => {
    await using fixture = await stagedFixture();
    const message = 'S3 Query Exception: connection failed, retries exceeded. code: 15005';
    const faults = Array.from({ length: 4 }, () => ({
      kind: 'fail',
      operation: 'BatchExecuteStatement',
      message,
    }));
    await fixture.warehouse.script(...faults);
    const { code, summaries } = await fixture.load('--run-id=one');
    expect(code).toBe(75);
    expect(summaries).toMatchObject([{ kind: 'transient' }]);
    expect(summaries[0]?.['message']).toContain(message);
  });
});

describe('a reader', () => {
  it('sees either the old or the new slice, complete (I6)', async () => {
    await using fixture = await stagedFixture();
    await fixture.load('--run-id=good');
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    const [before, after] = [expected, expectedOfMore];
    const over = new AbortController();
    const loading = fixture.load('--run-id=new').finally(() => {
      over.abort();
    });
    const seen: unknown[] = [];
    while (!over.signal.aborted) seen.push(await fixture.slice());
    expect(await loading).toMatchObject({ code: 0 });
    expect(seen.length).toBeGreaterThan(1);
    for (const slice of seen) expect([before, after]).toContainEqual(slice);
    expect(seen[0]).toEqual(before);
    expect(await fixture.slice()).toEqual(after);
  });
});

describe('the settings', () => {
  it.each([
    [{ REDSHIFT_WORKGROUP: 'another' }, /endpoint doesn't exist/],
    [
      { AWS_SECRET_ACCESS_KEY: 'secret', AWS_ACCESS_KEY_ID: 'stranger' },
      /UnrecognizedClient|InvalidAccessKeyId/,
    ],
    [{ PIPELINE_BUCKET: 'no-such-bucket-of-ours' }, /NoSuchBucket/],
  ])('%j end with 78 and a clear message', async (wrong, message) => {
    await using fixture = await stagedFixture();
    const { code, summaries } = await job.run({ ...fixture.env, ...wrong }, `--ds=${fixture.ds}`);
    expect(summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
    expect(summaries[0]?.['message']).toMatch(message);
    expect(code).toBe(78);
  });

  it('with a missing database end with a clear message', async () => {
    await using fixture = await stagedFixture();
    const env = { ...fixture.env, REDSHIFT_DATABASE: 'nowhere' };
    const { code, summaries } = await job.run(env, `--ds=${fixture.ds}`);
    expect([65, 78]).toContain(code);
    expect(summaries[0]?.['message']).toContain('database "nowhere" does not exist');
  });

  it('are not used in a dry run', async () => {
    await using fixture = await stagedFixture();
    const { code, summaries } = await fixture.load('--dry-run', '--run-id=dry');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'planned' }]);
    expect(await states(fixture, 'dry')).toEqual([]);
  });
});
