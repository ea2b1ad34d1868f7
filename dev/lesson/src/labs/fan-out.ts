/** The article joins purchases with reviews row by row. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { ending, first, published, runDays, totals } from '../stages.ts';

export const fanOut: Lab = {
  name: 'fan-out',
  about: 'a join of rows counts each purchase once for each review of its customer',
  guards: ['each side is aggregated before the join: reviews'],
  services: ['postgres', 's3', 'emr', 'redshift'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  await runDays(workshop, first);
  const right = await totals(workshop, first);
  await runArticle(workshop);
  const wrong = await totals(workshop, first, 'original.user_behavior_metric');
  const [customer] = await comparedCustomers(workshop);
  await using _ = await workshop.without(...fanOut.guards);
  const refused = await workshop.job('redshift-load', { args: [`--ds=${first}`, '--force'] });
  const kept = await totals(workshop, first);
  return {
    wrongIs: "the article's SQL",
    figures: [
      figure('customers', 'customers', right, wrong),
      figure('amount_spent', 'amount', right, wrong),
      figure('review_count', 'reviews', right, wrong),
      {
        what: `amount_spent of customer ${customer?.['id'] ?? ''}, who wrote ${customer?.['reviews'] ?? ''} reviews`,
        right: String(Number(customer?.['right'])),
        wrong: String(Number(customer?.['wrong'])),
      },
    ],
    remarks: [
      `Both read the same files of ${first}: purchases and cleaned reviews.`,
      `Our load without the guard ${ending(refused)}`,
      `The metric is as it was before: ${kept.customers} customers, ${kept.amount} spent.`,
    ],
  };
}

/** Runs tables.sql and load.sql of the article, over the files that the jobs have published. */
async function runArticle({ folder, env, bucket }: Workshop): Promise<void> {
  const of = async (dataset: string) => {
    const { run } = await published(bucket, dataset, first);
    return `s3://${bucket.name}/${dataset}/${first}/${run}/`;
  };
  const purchases = await of('user_purchase/stage');
  const values: Readonly<Record<string, string>> = {
    ds: first,
    role: env['SPECTRUM_ROLE_ARN'] ?? '',
    purchases,
    day: purchases,
    reviews: await of('movie_review/stage'),
  };
  using warehouse = new WarehouseClient(env);
  for (const file of ['tables.sql', 'load.sql']) {
    const text = await readFile(join(folder, 'dev/original/sql', file), 'utf8');
    for (const statement of statementsOf(text, values)) await warehouse.query(statement);
  }
}

/**
 * Statements for psql without the lines that are for psql itself, with the values of its variables. Our cleaned
 * reviews have the customer as text, and Spectrum refuses to read a text as an integer.
 */
const statementsOf = (text: string, values: Readonly<Record<string, string>>): readonly string[] =>
  text
    .replace('cid integer', 'cid varchar(100)')
    .replaceAll(/^(--|.*\\).*\n/gm, '')
    .replaceAll(/:'(\w+)'/g, (_, name: string) => `'${values[name] ?? ''}'`)
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

/** Customers whose amount differs, most reviews first, none of whose purchases the article lost. */
async function comparedCustomers({ env }: Workshop) {
  using warehouse = new WarehouseClient(env);
  return await warehouse.query(
    `select ours.customerid as id, ours.review_count as reviews,
       ours.amount_spent as right, theirs.amount_spent as wrong
     from public.user_behavior_metric as ours
     join original.user_behavior_metric as theirs on theirs.customerid = ours.customerid
     where theirs.amount_spent = ours.amount_spent * ours.review_count and ours.review_count > 1
     order by ours.review_count desc, ours.customerid limit 1`,
  );
}
