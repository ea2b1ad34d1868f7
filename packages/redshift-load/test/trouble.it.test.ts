import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { Desk } from './desk.ts';
import { expected, expectedOfMore, more, openSmallDay } from './small-day.ts';
import { delayLoad, occupy } from './busy-warehouse.ts';
import { stagePurchases } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const stagedDesk = () => openSmallDay(cloud, job);

/** States of all statements that a run has made under these names. */
const states = async ({ ds, warehouse }: Desk, run: string, step = '') =>
  (await warehouse.statements(`redshift-load/${ds}/${run}/${step}`)).map(({ Status }) => Status);

describe('an answer that is lost (I5)', () => {
  it.each(['BatchExecuteStatement', 'ExecuteStatement'])(
    'to %s makes nothing twice',
    async (operation) => {
      await using desk = await stagedDesk();
      await desk.warehouse.script(
        ...Array.from({ length: 2 }, () => ({ kind: 'lose-reply', operation })),
      );
      expect(await desk.load('--run-id=one')).toMatchObject({ code: 0 });
      expect(await desk.slice()).toEqual(expected);
      for (const step of ['loaded', 'partitions-1', 'load-1']) {
        expect(await states(desk, 'one', step)).toEqual(['FINISHED']);
      }
    },
  );

  it('to every try of the load is transient, and a retry of the run ends equal', async () => {
    await using desk = await stagedDesk();
    await desk.warehouse.script(
      { kind: 'delay', operation: 'BatchExecuteStatement', before: 0 },
      ...Array.from({ length: 3 }, () => ({
        kind: 'lose-reply',
        operation: 'BatchExecuteStatement',
      })),
    );
    const { code, summaries } = await desk.load('--run-id=one');
    expect(code).toBe(75);
    expect(summaries).toMatchObject([{ kind: 'transient' }]);
    expect(await desk.load('--run-id=one')).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expected);
    expect(await states(desk, 'one', 'load-1')).toEqual(['FINISHED']);
  });

  it('to GetStatementResult only costs a while', async () => {
    await using desk = await stagedDesk();
    await desk.warehouse.script(
      { kind: 'lose-reply', operation: 'GetStatementResult' },
      { kind: 'error', operation: 'GetStatementResult', code: 'ThrottlingException' },
    );
    expect(await desk.load()).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expected);
  });
});

describe('two at once', () => {
  it('of one day that was never loaded end as one (I4)', async () => {
    await using desk = await stagedDesk();
    const ended = await Promise.all(
      ['one', 'two', 'three'].map((run) => desk.load(`--run-id=${run}`)),
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await desk.slice()).toEqual(expected);
    const count = await desk.warehouse.query(
      `select count(*) as n from public.user_behavior_metric_load where ds = '${desk.ds}'`,
    );
    expect(count).toEqual([{ n: '1' }]);
  });

  it('under one name share its statements', async () => {
    await using desk = await stagedDesk();
    const ended = await Promise.all([desk.load('--run-id=one'), desk.load('--run-id=one')]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await desk.slice()).toEqual(expected);
  });

  it('of one day while its upstream moves: the newer one stands (I2, I4)', async () => {
    await using desk = await stagedDesk();
    await desk.warehouse.script({ kind: 'delay', operation: 'BatchExecuteStatement', before: 500 });
    const early = desk.start('--run-id=early');
    await expect.poll(() => states(desk, 'early', 'loaded'), { timeout: 20_000 }).not.toEqual([]);
    await stagePurchases(desk.bucket, desk.ds, more, { run: 'p2' });
    const ended = await Promise.all([early.ended, desk.load('--run-id=late')]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await desk.slice()).toEqual(expectedOfMore);
    expect(await desk.ledger()).toMatchObject({ purchases_run: 'p2', purchases_generation: '2' });
  });
});

describe('a stop (I5)', () => {
  it('during the load ends with 143, cancels it and changes nothing', async () => {
    await using desk = await stagedDesk();
    await desk.load('--run-id=good');
    await stagePurchases(desk.bucket, desk.ds, more, { run: 'p2' });
    await delayLoad(desk.warehouse);
    const loading = desk.start('--run-id=stopped');
    const patience = { timeout: 20_000 };
    await expect
      .poll(() => states(desk, 'stopped', 'partitions-1'), patience)
      .toEqual(['FINISHED']);
    const long = await occupy(desk.warehouse);
    await expect.poll(() => states(desk, 'stopped', 'load-1'), patience).toHaveLength(1);
    loading.child.kill('SIGTERM');
    const { code, summaries } = await loading.ended;
    expect(code).toBe(143);
    expect(summaries).toMatchObject([{ kind: 'interrupted', exit: 143 }]);
    expect(await states(desk, 'stopped', 'load-1')).toEqual(['ABORTED']);
    await desk.warehouse.cancel(long);
    expect(await desk.slice()).toEqual(expected);
    expect(await desk.ledger()).toMatchObject({ run: 'good', purchases_run: 'p1' });

    expect(await desk.load('--run-id=stopped')).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expectedOfMore);
  });

  it('by a kill leaves a load that the same run finds again', async () => {
    await using desk = await stagedDesk();
    const loading = desk.start('--run-id=killed');
    await expect
      .poll(() => states(desk, 'killed', 'load-1'), { timeout: 20_000, interval: 5 })
      .toHaveLength(1);
    loading.child.kill('SIGKILL');
    await loading.ended;
    const { code, summaries } = await desk.load('--run-id=killed');
    expect(code).toBe(0);
    expect(['loaded', 'unchanged']).toContain(summaries[0]?.['status']);
    expect(await desk.slice()).toEqual(expected);
  });
});

describe('a serializable isolation violation', () => {
  it('rolls all back, and all is tried again under a token of its own: the slice is right once', async () => {
    await using desk = await stagedDesk();
    await desk.load('--run-id=good');
    await stagePurchases(desk.bucket, desk.ds, more, { run: 'p2' });
    const operation = 'BatchExecuteStatement';
    const message = '1023\n  Detail: Serializable isolation violation on table - 100123';
    await desk.warehouse.script(
      { kind: 'delay', operation, before: 0 },
      { kind: 'fail', operation, message },
      { kind: 'fail', operation, message },
    );
    const { code, log } = await desk.load('--run-id=one');
    expect(code).toBe(0);
    expect(log.filter(({ msg }) => String(msg).includes('conflicts with another'))).toHaveLength(2);
    const tries = await desk.warehouse.statements(`redshift-load/${desk.ds}/one/load-1`);
    expect(tries.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'FAILED', 'FINISHED']);
    expect(new Set(tries.map(({ QueryStrings }) => JSON.stringify(QueryStrings))).size).toBe(1);
    expect(await desk.slice()).toEqual(expectedOfMore);
    expect(await desk.ledger()).toMatchObject({ run: 'one', purchases_run: 'p2' });
  });
});

describe('a reader', () => {
  it('sees the old slice or the new one, never half and never none (I6)', async () => {
    await using desk = await stagedDesk();
    await desk.load('--run-id=good');
    await stagePurchases(desk.bucket, desk.ds, more, { run: 'p2' });
    const [before, after] = [expected, expectedOfMore];
    const over = new AbortController();
    const loading = desk.load('--run-id=new').finally(() => {
      over.abort();
    });
    const seen: unknown[] = [];
    while (!over.signal.aborted) seen.push(await desk.slice());
    expect(await loading).toMatchObject({ code: 0 });
    expect(seen.length).toBeGreaterThan(1);
    for (const slice of seen) expect([before, after]).toContainEqual(slice);
    expect(seen[0]).toEqual(before);
    expect(await desk.slice()).toEqual(after);
  });
});

describe('the settings', () => {
  it.each([
    [{ REDSHIFT_WORKGROUP: 'another' }, /endpoint doesn't exist/],
    [
      { AWS_SECRET_ACCESS_KEY: 'test', AWS_ACCESS_KEY_ID: 'stranger' },
      /UnrecognizedClient|InvalidAccessKeyId/,
    ],
    [{ PIPELINE_BUCKET: 'no-such-bucket-of-ours' }, /NoSuchBucket/],
  ])('%j end with 78 and a clear sentence', async (wrong, message) => {
    await using desk = await stagedDesk();
    const { code, summaries } = await job.run({ ...desk.env, ...wrong }, `--ds=${desk.ds}`);
    expect(summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
    expect(summaries[0]?.['message']).toMatch(message);
    expect(code).toBe(78);
  });

  it('with a database that does not exist end clearly', async () => {
    await using desk = await stagedDesk();
    const env = { ...desk.env, REDSHIFT_DATABASE: 'nowhere' };
    const { code, summaries } = await job.run(env, `--ds=${desk.ds}`);
    expect([65, 78]).toContain(code);
    expect(summaries[0]?.['message']).toContain('database "nowhere" does not exist');
  });

  it('have no effect in a dry run', async () => {
    await using desk = await stagedDesk();
    const { code, summaries } = await desk.load('--dry-run', '--run-id=dry');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'planned' }]);
    expect(await states(desk, 'dry')).toEqual([]);
  });
});
