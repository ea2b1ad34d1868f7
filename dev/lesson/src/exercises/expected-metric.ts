/** What a day's metric must hold, from the source and the file of the vendor alone. */
import { readFile } from 'node:fs/promises';
import type { Workshop } from '../workshop.ts';

/** The sum of amount_spent of the customers who bought and wrote reviews on the day, with two decimals. */
export async function expectedAmount({ database, env }: Workshop, ds: string): Promise<string> {
  const text = await readFile((env['REVIEWS_SOURCE'] ?? '').replace('{ds}', ds), 'utf8');
  // A line with an odd number of quotes is rejected.
  const good = text.split('\n').filter((line) => (line.split('"').length - 1) % 2 === 0);
  const reviewers = new Set(good.flatMap((line) => /^(\d+),/.exec(line)?.[1] ?? []));
  const [found] = await database.query(
    `select coalesce(round(sum(quantity * unit_price), 2), 0)::numeric(18, 2)::text as amount
     from retail.user_purchase
     where quantity > 2 and customer_id = any($1::integer[])
       and invoice_date >= date '${ds}' and invoice_date < date '${ds}' + 1`,
    [[...reviewers]],
  );
  return (found as { readonly amount: string }).amount;
}
