/** Exercise 3: a column of the metric, by a migration. */
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import { first, runDays } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';

export const newColumn: Exercise = {
  number: 3,
  title: 'A new column',
  task: [
    'Give public.user_behavior_metric the column positive_share decimal(5, 4): review_score / review_count.',
    'The table exists already, with days in it: the column comes by a migration (docs/adding-a-column.md),',
    'and is filled by sql/warehouse/load/050_insert_days.sql. Days that were loaded before have null.',
    'The judge makes the table as it is today, with one earlier day, and loads a day.',
  ],
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

const earlier = '2010-11-30';

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  using warehouse = new WarehouseClient(workshop.env);
  await warehouse.query(
    `create table public.user_behavior_metric (
       customerid integer not null, amount_spent decimal(18, 5) not null, review_score integer not null,
       review_count integer not null, insert_date date not null)`,
  );
  await warehouse.query(
    `insert into public.user_behavior_metric values (17850, 2.55, 1, 2, '${earlier}')`,
  );
  await runDays(workshop, first);
  const type = await typeOfColumn(warehouse);
  const judgements = [
    { what: 'the column positive_share', expected: 'numeric(5, 4)', found: type },
  ];
  if (type === 'none') return judgements;
  const [found] = await warehouse.query(
    `select
       sum(case when insert_date = '${first}' then 1 else 0 end) as rows,
       sum(case when insert_date = '${first}'
         and abs(positive_share - cast(review_score as decimal(18, 8)) / review_count) <= 0.0001
         then 1 else 0 end) as right,
       sum(case when insert_date = '${earlier}' and positive_share is null then 1 else 0 end) as kept
     from public.user_behavior_metric`,
  );
  return [
    ...judgements,
    {
      what: `customers of ${first} with the right share`,
      expected: String(found?.['rows']),
      found: String(found?.['right']),
    },
    {
      what: `rows of ${earlier}, loaded before the column, that are kept with null`,
      expected: '1',
      found: String(found?.['kept']),
    },
  ];
}

async function typeOfColumn(warehouse: WarehouseClient): Promise<string> {
  const [found] = await warehouse.query(
    `select data_type, numeric_precision, numeric_scale from svv_columns
     where table_schema = 'public' and table_name = 'user_behavior_metric' and column_name = 'positive_share'`,
  );
  if (found === undefined) return 'none';
  const { data_type: type, numeric_precision: precision, numeric_scale: scale } = found;
  return `${String(type)}(${String(precision)}, ${String(scale)})`;
}
