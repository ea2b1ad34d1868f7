/** Exercise 7: today, again each hour. */
import { copyFile } from 'node:fs/promises';
import { runScript } from '../commands.ts';
import { first, second, totals } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';
import { expectedAmount } from './expected-metric.ts';

export const hourlyRun: Exercise = {
  number: 7,
  title: 'An hourly run',
  task: [
    "Write hourly.sh in the root of the checkout, for a scheduler that starts it each hour. Afterwards, today's metric",
    'has all purchases so far. Use the targets of make; docs/operating.md, "Hourly", describes a day that is not over.',
    'The judge starts it twice, with new purchases before each start. The clock of its machine shows the time of',
    'another zone, where the date is not that of UTC.',
  ],
  adds: 'hourly.sh',
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

const utcDate = (): string => new Date().toISOString().slice(0, 10);

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const today = utcDate();
  const reviews = workshop.env['REVIEWS_SOURCE'] ?? '';
  await copyFile(reviews.replace('{ds}', first), reviews.replace('{ds}', today));
  // 14 hours ahead in the afternoon, 12 behind in the morning: POSIX counts the other way.
  const TZ = new Date().getUTCHours() >= 12 ? 'UTC-14' : 'UTC+12';
  const judgements: Judgement[] = [];
  for (const [hour, customers] of [
    ['first', 'customer_id % 2 = 0'],
    ['second', 'customer_id % 2 = 1'],
  ] as const) {
    await book(workshop, today, customers);
    const { failure } = await runScript(workshop, 'hourly.sh', { env: { TZ } });
    if (utcDate() !== today) throw new Error('the day ended while the judge ran: grade it again');
    judgements.push({
      what: `amount_spent of today, ${today}, after the ${hour} run`,
      expected: await expectedAmount(workshop, today),
      found: failure ?? (await totals(workshop, today)).amount,
    });
    if (failure !== undefined) break;
  }
  return judgements;
}

/** Books the sample's purchases of the first day, of some customers, as those of today. */
async function book({ database }: Workshop, today: string, customers: string): Promise<void> {
  await database.query(
    `insert into retail.user_purchase
       (invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country)
     select invoice_number, stock_code, detail, quantity, timestamp '${today}', unit_price, customer_id, country
     from retail.user_purchase
     where invoice_date >= '${first}' and invoice_date < '${second}' and ${customers}`,
  );
}
