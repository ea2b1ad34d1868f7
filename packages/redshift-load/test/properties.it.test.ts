/** Properties of any days of purchases, from the source table to the metric. */
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { holds, propertyPatience } from '@user-behaviour/testkit/property';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadFixture, openFixture } from './load-fixture.ts';
import { anyCustomers, anyDays, datedFrom, type Day } from './random-days.ts';
import { expectSlices, rangeOf, sourceOf, stageAllReviews, TwoJobs } from './upstream.ts';

let cloud: TestCloud;
let jobs: TwoJobs;
let openOne: () => Promise<LoadFixture>;
beforeAll(async () => {
  const load = await bundleJob('redshift-load');
  jobs = new TwoJobs(await bundleJob('extract-purchases'), load);
  cloud = await startLocalServers(['postgres', 's3', 'redshift']);
  openOne = () => openFixture(cloud, load);
  return () => cloud[Symbol.asyncDispose]();
});

/** Examples of each property in a run of the suite. */
const examples = 2;

/** A source and a bucket with these days, with their reviews staged. */
async function openDays(generated: readonly Day[]) {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openOne());
  const days = datedFrom(fixture.ds, generated);
  const database = stack.use(await sourceOf(cloud, days));
  await stageAllReviews(fixture.bucket, days);
  const all = stack.move();
  return {
    fixture,
    days,
    database,
    source: { SOURCE_DATABASE_URL: database.url },
    range: rangeOf(days),
    ledgers: () => Promise.all([...days.keys()].map((ds) => fixture.ledger(ds))),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe('any days', () => {
  it(
    'give the same result in any order, and all at once',
    async () => {
      const count = 4;
      const order = fc.shuffledSubarray([...Array(count).keys()], { minLength: count });
      await holds(fc.tuple(anyDays(count), order), examples, async ([generated, shuffled]) => {
        await using world = await openDays(generated);
        const { fixture, days, source } = world;
        await jobs.run({ ...fixture.env, ...source }, ...world.range);
        await expectSlices(fixture, days);
        await using other = await freshBucket(cloud);
        await stageAllReviews(other, days);
        const all = [...days.keys()];
        const [first = '', last = ''] = [all[0], all.at(-1)];
        await fixture.warehouse.query(
          `delete from public.user_behavior_metric where insert_date between '${first}' and '${last}'`,
        );
        await fixture.warehouse.query(
          `delete from public.user_behavior_metric_load where ds between '${first}' and '${last}'`,
        );
        for (const index of shuffled) {
          await jobs.run({ ...other.env, ...source }, `--ds=${all[index] ?? ''}`);
        }
        await expectSlices(fixture, days);
      });
    },
    propertyPatience,
  );

  it(
    'run again change nothing: f(f(x)) = f(x)',
    () =>
      holds(anyDays(3), examples, async (generated) => {
        await using world = await openDays(generated);
        const { fixture, days, ledgers } = world;
        const env = { ...fixture.env, ...world.source };
        await jobs.run(env, ...world.range);
        const before = { keys: await fixture.bucket.keys(), ledgers: await ledgers() };
        const again = await jobs.run(env, ...world.range);
        expect(again).toEqual(generated.map(() => 'unchanged'));
        expect({ keys: await fixture.bucket.keys(), ledgers: await ledgers() }).toEqual(before);
        await expectSlices(fixture, days);
      }),
    propertyPatience,
  );

  it(
    'lose the rows of customers that a corrected source no longer has, and no others',
    () =>
      holds(fc.tuple(anyDays(3), anyCustomers), examples, async ([generated, gone]) => {
        await using world = await openDays(generated);
        const { fixture, days, database, ledgers } = world;
        const env = { ...fixture.env, ...world.source };
        await jobs.run(env, ...world.range);
        const [, second] = [...days];
        if (second === undefined) throw new Error('there is no second day');
        const [ds, day] = second;
        const before = await ledgers();
        await database.query(
          `delete from retail.user_purchase where invoice_date::date = $1 and customer_id = any($2)`,
          [ds, gone],
        );
        const isGone = ({ customer }: Day['sales'][number]) =>
          customer !== null && gone.includes(customer);
        const corrected = { ...day, sales: day.sales.filter((sale) => !isGone(sale)) };
        const changed = day.sales.some((sale) => isGone(sale) && sale.quantity > 2);
        const statuses = await jobs.run(env, ...world.range);
        expect(statuses).toEqual(['unchanged', changed ? 'loaded' : 'unchanged', 'unchanged']);
        await expectSlices(fixture, new Map([...days, [ds, corrected]]));
        const after = await ledgers();
        expect([after[0], after[2]]).toEqual([before[0], before[2]]);
      }),
    propertyPatience,
  );
});
