/** A load that only inserts adds the day a second time. */
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { ending, first, runDays, succeed, totals } from '../stages.ts';

const deletion = 'the old slice is deleted before the new one is inserted';
const audits = ['one row per customer', 'the amount is not inflated'];

export const rerunDoubles: Lab = {
  name: 'rerun-doubles',
  about: 'a load that only inserts adds the day again with each run',
  guards: [deletion, ...audits],
  services: ['postgres', 's3', 'emr', 'redshift'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  const args = [`--ds=${first}`, '--force'];
  await runDays(workshop, first);
  await succeed(workshop, 'redshift-load', { args });
  const right = await totals(workshop, first);
  await using _ = await workshop.without(deletion);
  const refused = await workshop.job('redshift-load', { args });
  await using __ = await workshop.without(...audits);
  await succeed(workshop, 'redshift-load', { args });
  const wrong = await totals(workshop, first);
  return {
    figures: [
      figure('rows of the metric', 'rows', right, wrong),
      figure('customers', 'customers', right, wrong),
      figure('amount_spent', 'amount', right, wrong),
    ],
    remarks: [
      'Both columns are after the day was loaded again, with nothing changed.',
      `With the audits and without the deletion, the load ${ending(refused)}`,
    ],
  };
}
