/** Exercise 2: an audit of the load. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ended } from '@user-behaviour/testkit/running-job';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { ending, first, runDays, totals } from '../stages.ts';
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
    'The judge loads a day, then makes every review_score one too large in its copy of 050_insert_days.sql.',
  ],
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  await runDays(workshop, first);
  const loaded = await totals(workshop, first);
  await writeTooLargeScores(workshop);
  const end = await workshop.job('redshift-load', { args: [`--ds=${first}`, '--force'] });
  return [
    {
      what: 'a right day is loaded',
      expected: 'yes',
      found: Number(loaded.customers) > 0 ? 'yes' : 'no',
    },
    {
      what: 'a load with scores that are too large',
      expected: refused,
      found: end.code === 0 ? 'loaded' : isRefused(end) ? refused : ending(end),
    },
    {
      what: 'customers with more positive reviews than reviews',
      expected: '0',
      found: await wrongCustomers(workshop),
    },
  ];
}

const refused = 'refused by an audit, with 65';

const isRefused = (end: Ended): boolean => end.code === 65 && ending(end).includes('audit ');

async function writeTooLargeScores({ folder }: Workshop): Promise<void> {
  const path = join(folder, 'sql/warehouse/load/050_insert_days.sql');
  const text = await readFile(path, 'utf8');
  const wrong = text.replace('    review_day.review_score,', '    review_day.review_count + 1,');
  if (wrong === text) {
    throw new Error(`${path} has no line "review_day.review_score,", which the judge replaces`);
  }
  await writeFile(path, wrong);
}

async function wrongCustomers({ env }: Workshop): Promise<string> {
  using warehouse = new WarehouseClient(env);
  const [found] = await warehouse.query(
    `select count(*) as wrong from public.user_behavior_metric where review_score > review_count`,
  );
  return String(found?.['wrong']);
}
