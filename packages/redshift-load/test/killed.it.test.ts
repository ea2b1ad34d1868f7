/** Statements that outlive the run that made them: whoever comes next waits for their end (I5). */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { nextDs } from '@user-behaviour/shared/ds';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { Desk } from './desk.ts';
import { expected, expectedOfMore, more, openSmallDay, purchases, reviews } from './small-day.ts';
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

const stagedDesk = () => openSmallDay(cloud, job);

describe('what a killed run has under way (I5)', () => {
  const patience = { timeout: 20_000 };
  /** A run that is killed while the warehouse has yet to begin its `nth` batch. */
  async function killedAt(
    desk: Desk,
    nth: number,
    name: string,
    { milliseconds = 5_000, argv = [] as readonly string[] } = {},
  ) {
    await desk.warehouse.script(
      ...Array.from({ length: nth - 1 }, () => ({
        kind: 'delay',
        operation: 'BatchExecuteStatement',
        before: 0,
      })),
      { kind: 'hold', operation: 'BatchExecuteStatement', milliseconds },
    );
    const doomed = desk.start('--run-id=dead', ...argv);
    const found = () => desk.warehouse.statements(name);
    await expect.poll(found, patience).toMatchObject([{ Status: 'SUBMITTED' }]);
    doomed.child.kill('SIGKILL');
    await doomed.ended;
    return async () => {
      await expect.poll(found, patience).toMatchObject([{ Status: 'FINISHED' }]);
      return (await found())[0]?.UpdatedAt;
    };
  }
  const statements = ({ ds, warehouse }: Desk, name: string) =>
    warehouse.statements(`redshift-load/${ds}/${name}`);
  const locations = async ({ bucket, warehouse }: Desk) =>
    (
      await warehouse.query(
        `select location from svv_external_partitions
         where tablename = 'user_purchase_staging' and location like '%${bucket.name}%' order by 1`,
      )
    ).map(({ location }) => location);
  const at = ({ bucket }: Desk, ds: string, run: string) =>
    `s3://${bucket.name}/user_purchase/stage/${ds}/${run}/`;

  it('is over before a newer run points the partitions: they stay with the newer files', async () => {
    await using desk = await stagedDesk();
    const name = `redshift-load/${desk.ds}/dead/partitions-1`;
    const over = await killedAt(desk, 1, name);
    await stagePurchases(desk.bucket, desk.ds, more, { run: 'p2' });
    const { code, log } = await desk.load('--run-id=next');
    expect(code).toBe(0);
    expect(log).toContainEqual(expect.objectContaining({ statements: [name] }));
    const [pointed] = await statements(desk, 'next/partitions');
    expect(Number(await over())).toBeLessThanOrEqual(Number(pointed?.CreatedAt));
    expect(await locations(desk)).toEqual([at(desk, desk.ds, 'p2')]);
    expect(await desk.slice()).toEqual(expectedOfMore);
  });

  it.each([
    ['a run of one of its days', 1],
    ['a run of some of its days', 2],
  ])('of a range is over before %s', async (_, count) => {
    await using desk = await stagedDesk();
    const [second, third] = [nextDs(desk.ds), nextDs(nextDs(desk.ds))];
    for (const ds of [second, third]) {
      await stagePurchases(desk.bucket, ds, purchases);
      await stageReviews(desk.bucket, ds, reviews);
    }
    expect(await desk.load(`--through=${third}`)).toMatchObject({ code: 0 });
    for (const ds of [desk.ds, second]) await stagePurchases(desk.bucket, ds, more, { run: 'p2' });
    const name = `redshift-load/days/${desk.ds}..${third}/dead/partitions-1`;
    const over = await killedAt(desk, 1, name, { argv: [`--through=${third}`] });
    await stagePurchases(desk.bucket, second, purchases, { run: 'p3' });
    const range = [`--ds=${second}`, `--through=${count === 1 ? second : third}`];
    expect(await job.run(desk.env, ...range)).toMatchObject({ code: 0 });
    await over();
    expect(await locations(desk)).toContain(at(desk, second, 'p3'));
    expect(await desk.slice(second)).toEqual(expected);
  });

  it("is the next run's too: a load that ends well is not made again", async () => {
    await using desk = await stagedDesk();
    const over = await killedAt(desk, 2, `redshift-load/${desk.ds}/dead/load-1`);
    const { code, summaries } = await desk.load('--run-id=next');
    expect([code, summaries[0]?.['status']]).toEqual([0, 'unchanged']);
    await over();
    expect(await statements(desk, 'next/load-')).toEqual([]);
    expect(await desk.slice()).toEqual(expected);
    expect(await desk.ledger()).toMatchObject({ run: 'dead' });
  });

  it('keeps the next run waiting no longer than a statement may take', async () => {
    await using desk = await stagedDesk();
    const name = `redshift-load/${desk.ds}/dead/partitions-1`;
    await killedAt(desk, 1, name, { milliseconds: 60_000 });
    const env = { ...desk.env, REDSHIFT_STATEMENT_TIMEOUT: '1s' };
    const { code, summaries } = await job.run(env, `--ds=${desk.ds}`);
    expect([code, summaries[0]?.['kind']]).toEqual([75, 'transient']);
    expect(await statements(desk, 'dead/partitions-1')).toMatchObject([{ Status: 'ABORTED' }]);
    expect(await desk.load()).toMatchObject({ code: 0 });
    expect(await desk.slice()).toEqual(expected);
  });
});
