/** A reader of CSV that splits at every comma. */
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { ending, first, runDays } from '../stages.ts';

export const quotedComma: Lab = {
  name: 'quoted-comma',
  about: 'a comma within quotes shifts the columns behind it',
  guards: ['a comma within quotes shifts no column'],
  services: ['postgres', 's3', 'emr', 'redshift'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  await runDays(workshop, first);
  const right = await read(workshop);
  await using _ = await workshop.without(...quotedComma.guards);
  using warehouse = new WarehouseClient(workshop.env);
  await warehouse.query('drop table spectrum.user_purchase_staging');
  const refused = await workshop.job('redshift-load', { args: [`--ds=${first}`, '--force'] });
  const wrong = await read(workshop);
  return {
    figures: [
      figure('purchases in the file', 'rows', right, wrong),
      figure('of these with a whole number as quantity', 'whole', right, wrong),
      figure('sum of quantity * unit_price of these', 'amount', right, wrong),
    ],
    remarks: [
      wrong.example === '' ? '' : `One quantity is read as ${wrong.example}.`,
      `The load of such a day ${ending(refused)}`,
    ].filter((remark) => remark !== ''),
  };
}

/** The purchases of the day as the external table has them. */
async function read({ env }: Workshop) {
  using warehouse = new WarehouseClient(env);
  const isWhole = "quantity ~ '^-?[0-9]+$' and unit_price ~ '^-?[0-9.]+$'";
  const [found] = await warehouse.query(
    `select count(*) as rows, sum(case when ${isWhole} then 1 else 0 end) as whole,
       sum(case when ${isWhole} then cast(quantity as decimal(18, 0)) * cast(unit_price as decimal(18, 3)) else 0 end) as amount,
       coalesce(max(case when ${isWhole} then '' else quantity end), '') as example
     from spectrum.user_purchase_staging where insert_date = '${first}'`,
  );
  const value = (name: string) => String(found?.[name]);
  return {
    rows: value('rows'),
    whole: value('whole'),
    amount: Number(value('amount')).toFixed(2),
    example: value('example'),
  };
}
