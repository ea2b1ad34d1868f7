/** A load that does not select its day reads the reviews of every day. */
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { ending, first, runDays, second, succeed, totals } from '../stages.ts';

const selection = 'a load reads the reviews of its day only';
const audits = ['reviews are conserved', 'reviews come only from the published run'];

export const noPartitionPrune: Lab = {
  name: 'no-partition-prune',
  about: 'a load that does not name its partition reads the reviews of every day',
  guards: [selection, ...audits],
  services: ['postgres', 's3', 'emr', 'redshift'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  const args = [`--ds=${second}`, '--force'];
  await runDays(workshop, first, second);
  const right = await totals(workshop, second);
  await using _ = await workshop.without(selection);
  const refused = await workshop.job('redshift-load', { args });
  await using __ = await workshop.without(...audits);
  await succeed(workshop, 'redshift-load', { args });
  const wrong = await totals(workshop, second);
  return {
    figures: [
      figure('customers', 'customers', right, wrong),
      figure('review_count', 'reviews', right, wrong),
      figure('amount_spent', 'amount', right, wrong),
    ],
    remarks: [
      `The figures are those of ${second}; the reviews of ${first} lie in the next partition.`,
      `With the audits and without the selection, the load ${ending(refused)}`,
    ],
  };
}
