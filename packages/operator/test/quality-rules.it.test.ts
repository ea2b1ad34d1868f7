/** Each rule of sql/warehouse/quality finds the day that is odd in its way, and no other. */
import { asset } from '@user-behaviour/shared/asset';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { operator } from '@user-behaviour/testkit/operator-command';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { beforeAll, expect, it } from 'vitest';
import { ruleNames } from '../src/health/quality-rules.ts';

const usual = {
  purchases: 100,
  withoutCustomer: 8,
  buyers: 100,
  buyersWithReviews: 40,
  reviews: 200,
  positive: 60,
  rejected: '0',
  hours: 6,
};

/** Ten weeks; the first eight days are odd to no rule, because too little is known before them. */
const days = daysFrom(parseDs('2012-01-01'), parseDs('2012-03-10'));

/** What is odd about a day, by the rule that must find it. */
const oddDays: Readonly<Record<string, readonly [ds: string, Partial<typeof usual>]>> = {
  volume: ['2012-03-01', { purchases: 900, withoutCustomer: 72 }],
  zero: ['2012-03-02', { reviews: 0, positive: 0 }],
  'without-customer': ['2012-03-03', { withoutCustomer: 60 }],
  'buyers-with-reviews': ['2012-03-04', { buyersWithReviews: 5 }],
  'positive-share': ['2012-03-05', { positive: 190 }],
  'rejected-share': ['2012-03-06', { rejected: '4' }],
  lag: ['2012-03-07', { hours: 31 }],
};

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

it('each rule finds its day, and no other', async () => {
  await using bucket = await freshBucket(cloud);
  using warehouse = new WarehouseClient(bucket.env);
  for (const file of [
    'ddl/050_user_behavior_metric_load',
    'migration/001_load_sql',
    'migration/002_user_behavior_metric_day',
  ]) {
    await warehouse.query(asset(`sql/warehouse/${file}.sql`));
  }
  const loaded = days.map((ds) => {
    const odd = Object.values(oddDays).find(([day]) => day === ds)?.[1];
    // Of days that were loaded before it was counted.
    const rejected = ds < '2012-01-10' ? 'null' : usual.rejected;
    return { ds, ...usual, rejected, ...odd };
  });
  const ledger = loaded.map(
    ({ ds, purchases, reviews, positive, hours, buyersWithReviews }) =>
      `('${ds}', 'x', 'one', 1, 'one', 1, 2, ${String(purchases)}, ${String(reviews)},
        ${String(buyersWithReviews)}, 0, ${String(positive)}, ${String(reviews)},
        dateadd(hour, ${String(24 + hours)}, cast('${ds}' as timestamp)), null)`,
  );
  await warehouse.query(`insert into public.user_behavior_metric_load values ${ledger.join(', ')}`);
  const counts = loaded.map(
    ({ ds, purchases, withoutCustomer, buyers, buyersWithReviews, reviews, rejected }) =>
      `('${ds}', 'x', null, 0, ${String(purchases)}, ${String(withoutCustomer)},
        0, 0, ${String(buyers - buyersWithReviews)}, ${rejected}, ${String(reviews)},
        0, 0, 0, ${String(buyersWithReviews)})`,
  );
  await warehouse.query(`insert into public.user_behavior_metric_day values ${counts.join(', ')}`);

  const env = { ...bucket.env, HISTORY_END: days.at(-1) ?? '' };
  const { stdout, stderr } = await operator(env, 'health', '--due=06:00', '--days=500');
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
    .filter(({ level }) => level === 'warning');
  expect(
    found.map(({ finding, ds }) => [finding, ds]),
    stderr,
  ).toEqual(Object.entries(oddDays).map(([rule, [ds]]) => [rule, ds]));
  expect(Object.keys(oddDays).sort()).toEqual(ruleNames().sort());
  expect(found.map(({ message }) => message)).toEqual([
    '900 purchases, where 100 are usual for the weekday',
    'no reviews, where 200 are usual for the weekday',
    '60.0 % of the purchases name no customer, where 8.0 % are usual',
    '5.0 % of the buyers have reviews, where 40.0 % are usual',
    '95.0 % of the reviews of buyers are positive, where 30.0 % are usual',
    '1.96 % of the reviews were rejected, where 0.00 % are usual',
    'loaded 31 h after the end of the day, where 6 h are usual',
  ]);

  // Counts of another run than the ledger's do not count. A rule that fails takes no finding of the others with it.
  const [withoutCustomer = ''] = oddDays['without-customer'] ?? [];
  await warehouse.query(
    `update public.user_behavior_metric_day set run = 'y' where ds = '${withoutCustomer}'`,
  );
  await warehouse.query('alter table public.user_behavior_metric_day drop column metric_rows');
  const broken = await operator(env, 'health', '--due=06:00', '--days=500');
  expect(broken.stderr).toContain('sql/warehouse/quality/buyers_with_reviews.sql: ');
  expect(broken.stdout).toContain('"finding":"lag"');
  expect(broken.stdout).not.toContain('"finding":"buyers-with-reviews"');
  expect(broken.stdout).not.toContain('"finding":"without-customer"');
});
