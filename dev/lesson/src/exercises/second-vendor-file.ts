/** Exercise 5: a fifth stage. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { ending, first } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';

export const secondVendorFile: Exercise = {
  number: 5,
  title: 'A second vendor file',
  task: [
    'The vendor also delivers ratings, a file for each day with the header cid,rating and numbers from 1 to 5.',
    'Add the job stage-ratings, which publishes the file that RATINGS_SOURCE names ({ds} is the day) as',
    'customer_rating/load, and give public.user_behavior_metric the column average_rating decimal(4, 2); a customer',
    'without ratings stays and has null. docs/adding-a-stage.md shows the generator, which writes most of it.',
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
  const ratings = await deliver(workshop, env.RATINGS_SOURCE.replace('{ds}', first));
  for (const job of stages) {
    const end = await workshop.job(job, { args: [`--ds=${first}`], env });
    if (end.code !== 0) return [{ what: job, expected: 'ended with 0', found: ending(end) }];
  }
  const found = await averages(workshop);
  const expected = new Map(
    [...found.keys()].map((customer) => {
      const of = ratings.get(customer) ?? [];
      const average = of.reduce((sum, rating) => sum + rating, 0) / of.length;
      return [customer, of.length === 0 ? 'null' : average.toFixed(2)];
    }),
  );
  const textOf = (all: ReadonlyMap<string, string>, isRated: boolean) =>
    [...all]
      .filter(([customer]) => ratings.has(customer) === isRated)
      .map((pair) => pair.join(' '))
      .join(', ');
  return [
    {
      what: 'customers with ratings in the metric, and their averages',
      expected: textOf(expected, true),
      found: textOf(found, true),
    },
    {
      what: 'customers without ratings in the metric',
      expected: textOf(expected, false),
      found: textOf(found, false),
    },
  ];
}

/** Writes ratings of every other customer of the day. Returns them by customer. */
async function deliver(
  { database }: Workshop,
  path: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const customers = await database.query(
    `select distinct customer_id::text as id from retail.user_purchase
     where invoice_date::date = '${first}' and customer_id % 2 = 0 order by 1`,
  );
  const ratings = new Map(
    (customers as readonly { readonly id: string }[]).map(({ id }, at) => [id, [5, 1 + (at % 4)]]),
  );
  const lines = [...ratings].flatMap(([id, of]) => of.map((rating) => `${id},${String(rating)}\n`));
  await writeFile(path, `cid,rating\n${lines.join('')}`);
  return ratings;
}

async function averages({ env }: Workshop): Promise<ReadonlyMap<string, string>> {
  using warehouse = new WarehouseClient(env);
  const rows = await warehouse.query(
    `select customerid, coalesce(cast(average_rating as varchar(10)), 'null') as average
     from public.user_behavior_metric where insert_date = '${first}' order by customerid`,
  );
  return new Map(rows.map((row) => [String(row['customerid']), String(row['average'])]));
}
