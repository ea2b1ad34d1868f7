/** Exercise 2: an audit of the load. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ended } from '@user-behaviour/testkit/running-job';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { ending, first, runDays, second, totals } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';

export const newAudit: Exercise = {
  number: 2,
  title: 'A new audit',
  task: [
    'No customer can have more positive reviews than reviews. Nothing checks it.',
    'Write an audit into sql/warehouse/audit, and send it with the load (packages/redshift-load/src/load/transaction.ts):',
    'a load that breaks the rule ends with 65 and changes nothing; a right one is loaded.',
    'A load may hold several days. Write the days as insert_date in (/* each day */ cast(:ds as date) /* end */), and let',
    'the text name the days that fail: a sentence, a colon and listagg of the days, as sql/README.md says, "Values", and',
    'sql/warehouse/audit/040_one_row_per_customer.sql does.',
    'The judge loads two days, then makes one score of the second too large in its copy of 050_insert_days.sql.',
  ],
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  await runDays(workshop, first, second);
  const loaded = [await totals(workshop, first), await totals(workshop, second)];
  await writeTooLargeScore(workshop);
  const args = [`--ds=${first}`, `--through=${second}`, '--force'];
  const end = await workshop.job('redshift-load', { args });
  return [
    {
      what: 'two right days are loaded',
      expected: 'yes',
      found: loaded.every(({ customers }) => Number(customers) > 0) ? 'yes' : 'no',
    },
    {
      what: `a load of both, with a score of ${second} that is too large`,
      expected: refused,
      found: end.code === 0 ? 'loaded' : end.code === 65 ? refused : ending(end),
    },
    { what: 'the days that are refused', expected: second, found: refusedDays(end) },
    {
      what: 'customers with more positive reviews than reviews',
      expected: '0',
      found: await wrongCustomers(workshop),
    },
  ];
}

const refused = 'ended with 65';
const earlier = '2010-11-30';

/** The days that failed; the load names those that an audit refuses. */
function refusedDays({ summaries }: Ended): string {
  const days = summaries.filter(({ kind }) => kind !== undefined).map(({ ds }) => String(ds));
  return days.length === 0 ? 'none' : days.sort().join(', ');
}

async function writeTooLargeScore({ folder, env }: Workshop): Promise<void> {
  using warehouse = new WarehouseClient(env);
  // A day that the load does not replace is not its business.
  await warehouse.query(
    `insert into public.user_behavior_metric (customerid, amount_spent, review_score, review_count, insert_date)
     values (17850, 2.55, 3, 2, '${earlier}')`,
  );
  const [found] = await warehouse.query(
    `select min(customerid) as customer from public.user_behavior_metric where insert_date = '${second}'`,
  );
  const path = join(folder, 'sql/warehouse/load/050_insert_days.sql');
  const text = await readFile(path, 'utf8');
  const isWrong = `review_day.ds = '${second}' and review_day.customer_id = ${String(found?.['customer'])}`;
  const score = `case when ${isWrong} then review_day.review_count + 1 else review_day.review_score end`;
  const wrong = text.replace('    review_day.review_score,', `    ${score},`);
  if (wrong === text) {
    throw new Error(`${path} has no line "review_day.review_score,", which the judge replaces`);
  }
  await writeFile(path, wrong);
}

async function wrongCustomers({ env }: Workshop): Promise<string> {
  using warehouse = new WarehouseClient(env);
  const [found] = await warehouse.query(
    `select count(*) as wrong from public.user_behavior_metric
     where review_score > review_count and insert_date <> '${earlier}'`,
  );
  return String(found?.['wrong']);
}
