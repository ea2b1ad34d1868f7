/** What must hold of any days of purchases, from the table at the source to the metric. */
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { holds, propertyPatience } from '@user-behaviour/testkit/property';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from './desk.ts';
import { anyCustomers, anyDays, datedFrom, type Day } from './random-days.ts';
import { expectSlices, rangeOf, sourceOf, stageAllReviews, TwoJobs } from './upstream.ts';

let cloud: TestCloud;
let jobs: TwoJobs;
let openOne: () => Promise<Desk>;
beforeAll(async () => {
  const load = await bundleJob('redshift-load');
  jobs = new TwoJobs(await bundleJob('extract-purchases'), load);
  cloud = await startLocalServers(['postgres', 's3', 'redshift']);
  openOne = () => openDesk(cloud, load);
  return () => cloud[Symbol.asyncDispose]();
});

/** Examples of each property in a run of the suite. */
const examples = 2;

/** The days in a source and a bucket of their own, with their reviews staged. */
async function openDays(generated: readonly Day[]) {
  await using stack = new AsyncDisposableStack();
  const desk = stack.use(await openOne());
  const days = datedFrom(desk.ds, generated);
  const database = stack.use(await sourceOf(cloud, days));
  await stageAllReviews(desk.bucket, days);
  const all = stack.move();
  return {
    desk,
    days,
    database,
    source: { SOURCE_DATABASE_URL: database.url },
    range: rangeOf(days),
    ledgers: () => Promise.all([...days.keys()].map((ds) => desk.ledger(ds))),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe('any days', () => {
  it(
    'end equal in whatever order they are done, and done at once',
    async () => {
      const count = 4;
      const order = fc.shuffledSubarray([...Array(count).keys()], { minLength: count });
      await holds(fc.tuple(anyDays(count), order), examples, async ([generated, shuffled]) => {
        await using world = await openDays(generated);
        const { desk, days, source } = world;
        await jobs.run({ ...desk.env, ...source }, ...world.range);
        await expectSlices(desk, days);
        await using other = await freshBucket(cloud);
        await stageAllReviews(other, days);
        const all = [...days.keys()];
        const [first = '', last = ''] = [all[0], all.at(-1)];
        await desk.warehouse.query(
          `delete from public.user_behavior_metric where insert_date between '${first}' and '${last}'`,
        );
        await desk.warehouse.query(
          `delete from public.user_behavior_metric_load where ds between '${first}' and '${last}'`,
        );
        for (const index of shuffled) {
          await jobs.run({ ...other.env, ...source }, `--ds=${all[index] ?? ''}`);
        }
        await expectSlices(desk, days);
      });
    },
    propertyPatience,
  );

  it(
    'done once more change nothing: f(f(x)) = f(x)',
    () =>
      holds(anyDays(3), examples, async (generated) => {
        await using world = await openDays(generated);
        const { desk, days, ledgers } = world;
        const env = { ...desk.env, ...world.source };
        await jobs.run(env, ...world.range);
        const before = { keys: await desk.bucket.keys(), ledgers: await ledgers() };
        const again = await jobs.run(env, ...world.range);
        expect(again).toEqual(generated.map(() => 'unchanged'));
        expect({ keys: await desk.bucket.keys(), ledgers: await ledgers() }).toEqual(before);
        await expectSlices(desk, days);
      }),
    propertyPatience,
  );

  it(
    'lose the rows of customers that a corrected source no longer has, and no others',
    () =>
      holds(fc.tuple(anyDays(3), anyCustomers), examples, async ([generated, gone]) => {
        await using world = await openDays(generated);
        const { desk, days, database, ledgers } = world;
        const env = { ...desk.env, ...world.source };
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
        await expectSlices(desk, new Map([...days, [ds, corrected]]));
        const after = await ledgers();
        expect([after[0], after[2]]).toEqual([before[0], before[2]]);
      }),
    propertyPatience,
  );
});
