/** Exercise 5: a fifth stage. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { ending, first, second, totals } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';
import { expectedAmount, expectedCustomers } from './expected-metric.ts';

export const secondVendorFile: Exercise = {
  number: 5,
  title: 'A second vendor file',
  task: [
    'The vendor also delivers ratings, a file for each day with the header cid,rating and numbers from 1 to 5.',
    'Add the job stage-ratings, which publishes the file that RATINGS_SOURCE names ({ds} is the day) as',
    'customer_rating/load, and give public.user_behavior_metric the column average_rating decimal(4, 2); a customer',
    'without ratings stays and has null. docs/adding-a-stage.md shows the generator, which writes most of it.',
    'The judge runs two days, on which the same customers gave different ratings.',
  ],
  adds: 'packages/stage-ratings',
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

const stages = [
  'extract-purchases',
  'stage-reviews',
  'stage-ratings',
  'emr-clean',
  'redshift-load',
];

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const env = { RATINGS_SOURCE: join(workshop.scratch, 'ratings-{ds}.csv') };
  const ratings = new Map([
    [first, await deliver(workshop, env.RATINGS_SOURCE.replace('{ds}', first), [5, 2])],
    [second, await deliver(workshop, env.RATINGS_SOURCE.replace('{ds}', second), [1, 4, 4])],
  ]);
  const args = [`--ds=${first}`, `--through=${second}`];
  for (const job of stages) {
    const end = await workshop.job(job, { args, env });
    if (end.code !== 0) return [{ what: job, expected: 'ended with 0', found: ending(end) }];
  }
  const judgements: Judgement[] = [];
  for (const [ds, { rated, average }] of ratings) {
    const found = await averages(workshop, ds);
    const customers = await expectedCustomers(workshop, ds);
    const expected = customers.map((customer) => ({
      customer,
      average: rated.has(customer) ? average : 'null',
    }));
    const textOf = (all: typeof found, isRated: boolean) =>
      all
        .filter(({ customer }) => rated.has(customer) === isRated)
        .map((one) => `${one.customer} ${one.average}`)
        .join(', ');
    judgements.push(
      {
        what: `customers of ${ds} with ratings, and their averages`,
        expected: textOf(expected, true),
        found: textOf(found, true),
      },
      {
        what: `customers of ${ds} without ratings`,
        expected: textOf(expected, false),
        found: textOf(found, false),
      },
      {
        what: `amount_spent of ${ds}`,
        expected: await expectedAmount(workshop, ds),
        found: (await totals(workshop, ds)).amount,
      },
    );
  }
  return judgements;
}

interface Delivery {
  readonly rated: ReadonlySet<string>;
  /** With two decimals. */
  readonly average: string;
}

/** Writes the same ratings of every customer with an even number, whether they bought on the day or not. */
async function deliver(
  { database }: Workshop,
  path: string,
  of: readonly number[],
): Promise<Delivery> {
  const customers = await database.query(
    `select distinct customer_id::text as id from retail.user_purchase where customer_id % 2 = 0 order by 1`,
  );
  const rated = new Set((customers as readonly { readonly id: string }[]).map(({ id }) => id));
  const lines = [...rated].flatMap((id) => of.map((rating) => `${id},${String(rating)}\n`));
  await writeFile(path, `cid,rating\n${lines.join('')}`);
  return { rated, average: (of.reduce((sum, rating) => sum + rating, 0) / of.length).toFixed(2) };
}

async function averages(
  { env }: Workshop,
  ds: string,
): Promise<readonly { readonly customer: string; readonly average: string }[]> {
  using warehouse = new WarehouseClient(env);
  const rows = await warehouse.query(
    `select customerid, coalesce(cast(average_rating as varchar(10)), 'null') as average
     from public.user_behavior_metric where insert_date = '${ds}' order by customerid`,
  );
  return rows.map((row) => ({
    customer: String(row['customerid']),
    average: String(row['average']),
  }));
}
