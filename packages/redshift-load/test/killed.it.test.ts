/** Statements that outlive a killed run: the next run waits for them to end (I5). */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { nextDs } from '@user-behaviour/shared/ds';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import type { LoadFixture } from './load-fixture.ts';
import { expected, expectedOfMore, more, openSmallDay, purchases, reviews } from './small-day.ts';
import { stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startTestCloud(['s3', 'redshift']),
  ]);
  // The first load also makes and migrates the tables.
  await using fixture = await stagedFixture();
  expect(await fixture.load()).toMatchObject({ code: 0 });
  return () => cloud[Symbol.asyncDispose]();
});

const stagedFixture = () => openSmallDay(cloud, job);

describe('a statement of a killed run (I5)', () => {
  const patience = { timeout: 60_000 };
  /** Kills a run before the warehouse begins its `nth` batch. Returns a wait for the end of that batch. */
  async function killedAt(
    fixture: LoadFixture,
    nth: number,
    name: string,
    { milliseconds = 5_000, argv = [] as readonly string[] } = {},
  ) {
    await fixture.warehouse.script(
      ...Array.from({ length: nth - 1 }, () => ({
        kind: 'delay',
        operation: 'BatchExecuteStatement',
        before: 0,
      })),
      { kind: 'hold', operation: 'BatchExecuteStatement', milliseconds },
    );
    const doomed = fixture.start('--run-id=dead', ...argv);
    const found = () => fixture.warehouse.statements(name);
    await expect.poll(found, patience).toMatchObject([{ Status: 'SUBMITTED' }]);
    doomed.child.kill('SIGKILL');
    await doomed.ended;
    return async () => {
      await expect.poll(found, patience).toMatchObject([{ Status: 'FINISHED' }]);
      return (await found())[0]?.UpdatedAt;
    };
  }
  const statements = ({ ds, warehouse }: LoadFixture, name: string) =>
    warehouse.statements(`redshift-load/${ds}/${name}`);
  const locations = async ({ bucket, warehouse }: LoadFixture) =>
    (
      await warehouse.query(
        `select location from svv_external_partitions
         where tablename = 'user_purchase_staging' and location like '%${bucket.name}%' order by 1`,
      )
    ).map(({ location }) => location);
  const at = ({ bucket }: LoadFixture, ds: string, run: string) =>
    `s3://${bucket.name}/user_purchase/stage/${ds}/${run}/`;

  it('ends before a newer run sets the partitions: they keep the newer files', async () => {
    await using fixture = await stagedFixture();
    const name = `redshift-load/${fixture.ds}/dead/partitions-1`;
    const over = await killedAt(fixture, 1, name);
    await stagePurchases(fixture.bucket, fixture.ds, more, { run: 'p2' });
    const { code, log } = await fixture.load('--run-id=next');
    expect(code).toBe(0);
    expect(log).toContainEqual(expect.objectContaining({ statements: [name] }));
    const [pointed] = await statements(fixture, 'next/partitions');
    expect(Number(await over())).toBeLessThanOrEqual(Number(pointed?.CreatedAt));
    expect(await locations(fixture)).toEqual([at(fixture, fixture.ds, 'p2')]);
    expect(await fixture.slice()).toEqual(expectedOfMore);
  });

  it.each([
    ['a run of one of its days', 1],
    ['a run of some of its days', 2],
  ])('of a range ends before %s', async (_, count) => {
    await using fixture = await stagedFixture();
    const [second, third] = [nextDs(fixture.ds), nextDs(nextDs(fixture.ds))];
    for (const ds of [second, third]) {
      await stagePurchases(fixture.bucket, ds, purchases);
      await stageReviews(fixture.bucket, ds, reviews);
    }
    expect(await fixture.load(`--through=${third}`)).toMatchObject({ code: 0 });
    for (const ds of [fixture.ds, second])
      await stagePurchases(fixture.bucket, ds, more, { run: 'p2' });
    const name = `redshift-load/days/${fixture.ds}..${third}/dead/partitions-1`;
    const over = await killedAt(fixture, 1, name, { argv: [`--through=${third}`] });
    await stagePurchases(fixture.bucket, second, purchases, { run: 'p3' });
    const range = [`--ds=${second}`, `--through=${count === 1 ? second : third}`];
    expect(await job.run(fixture.env, ...range)).toMatchObject({ code: 0 });
    await over();
    expect(await locations(fixture)).toContain(at(fixture, second, 'p3'));
    expect(await fixture.slice(second)).toEqual(expected);
  });

  it.each([
    { of: 'a day', loaded: 1, asked: 1 },
    { of: 'a set of days', loaded: 2, asked: 2 },
    { of: 'a set, by a run of one of its days', loaded: 2, asked: 1 },
  ])('is used by the next run: a load of $of that succeeds is not made again', async (one) => {
    await using fixture = await stagedFixture();
    const { ds, bucket, warehouse } = fixture;
    const second = nextDs(ds);
    await stagePurchases(bucket, second, purchases);
    await stageReviews(bucket, second, reviews);
    const through = (count: number) => `--through=${count === 1 ? ds : second}`;
    const name = one.loaded === 1 ? ds : `days/${ds}..${second}`;
    const over = await killedAt(fixture, 2, `redshift-load/${name}/dead/load-1`, {
      argv: [through(one.loaded)],
    });
    const { code, summaries } = await fixture.load('--run-id=next', through(one.asked));
    expect(code).toBe(0);
    expect(summaries.map(({ status }) => status)).toEqual(Array(one.asked).fill('unchanged'));
    await over();
    const mine = `redshift-load/${one.asked === 1 ? ds : name}/next/load-`;
    expect(await warehouse.statements(mine)).toEqual([]);
    for (const day of [ds, second].slice(0, one.loaded)) {
      expect(await fixture.slice(day)).toEqual(expected);
      expect(await fixture.ledger(day)).toMatchObject({ run: 'dead' });
    }
  });

  it('delays the next run no longer than the statement timeout', async () => {
    await using fixture = await stagedFixture();
    const name = `redshift-load/${fixture.ds}/dead/partitions-1`;
    await killedAt(fixture, 1, name, { milliseconds: 60_000 });
    const env = { ...fixture.env, REDSHIFT_STATEMENT_TIMEOUT: '1s' };
    const { code, summaries } = await job.run(env, `--ds=${fixture.ds}`);
    expect([code, summaries[0]?.['kind']]).toEqual([75, 'transient']);
    expect(await statements(fixture, 'dead/partitions-1')).toMatchObject([{ Status: 'ABORTED' }]);
    expect(await fixture.load()).toMatchObject({ code: 0 });
    expect(await fixture.slice()).toEqual(expected);
  });
});
