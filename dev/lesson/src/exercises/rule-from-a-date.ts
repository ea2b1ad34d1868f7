/** Exercise 1: a setting that changes on a date. */
import { join } from 'node:path';
import { attempt, exitOf, published } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';

export const ruleFromADate: Exercise = {
  number: 1,
  title: 'A larger quantity from a date',
  task: [
    'From 2010-12-03 on, only purchases with a quantity above 5 count; until then, above 2.',
    'Days before that date must not be made again. Write rules.json in the root of the checkout;',
    'docs/operating.md, "Rules", describes it. The judge sets RULES to that file.',
  ],
  adds: 'rules.json',
  services: ['postgres', 's3'],
  judge,
};

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = [];
  const env = { RULES: join(workshop.folder, 'rules.json') };
  for (const [ds, next, quantity] of [
    ['2010-12-02', '2010-12-03', 2],
    ['2010-12-03', '2010-12-04', 5],
    ['2010-12-10', '2010-12-11', 5],
  ] as const) {
    const [counted] = await workshop.database.query(
      `select count(*)::text as rows from retail.user_purchase
       where quantity > ${quantity} and invoice_date >= '${ds}' and invoice_date < '${next}'`,
    );
    const end = await attempt(workshop, 'extract-purchases', { args: [`--ds=${ds}`], env });
    const rows = async () =>
      String((await published(workshop.bucket, 'user_purchase/stage', ds)).totals.rows);
    judgements.push({
      what: `published purchases of ${ds}`,
      expected: (counted as { readonly rows: string }).rows,
      found: end.code === 0 ? await rows() : exitOf(end),
    });
  }
  return judgements;
}
