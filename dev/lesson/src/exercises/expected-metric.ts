/** What a day's metric must hold, from the source and the file of the vendor alone. */
import { readFile } from 'node:fs/promises';
import type { Workshop } from '../workshop.ts';

/** The sum of amount_spent of the customers who bought and wrote reviews on the day, with two decimals. */
export async function expectedAmount(workshop: Workshop, ds: string): Promise<string> {
  const [row] = await metricOf(workshop, ds);
  return row?.total ?? '0.00';
}

/** The customers who bought and wrote reviews on the day, by their number. */
export const expectedCustomers = async (
  workshop: Workshop,
  ds: string,
): Promise<readonly string[]> => (await metricOf(workshop, ds)).map(({ customer }) => customer);

/** One row for each customer; `total` is the sum over all of them. */
async function metricOf(
  { database, env }: Workshop,
  ds: string,
): Promise<readonly { readonly customer: string; readonly total: string }[]> {
  const text = await readFile((env['REVIEWS_SOURCE'] ?? '').replace('{ds}', ds), 'utf8');
  // A line with an odd number of quotes is rejected.
  const good = text.split('\n').filter((line) => (line.split('"').length - 1) % 2 === 0);
  const reviewers = new Set(good.flatMap((line) => /^(\d+),/.exec(line)?.[1] ?? []));
  const rows = await database.query(
    `select customer_id::text as customer,
       round(sum(sum(quantity * unit_price)) over (), 2)::numeric(18, 2)::text as total
     from retail.user_purchase
     where quantity > 2 and customer_id = any($1::integer[])
       and invoice_date >= date '${ds}' and invoice_date < date '${ds}' + 1
     group by customer_id order by customer_id`,
    [[...reviewers]],
  );
  return rows as readonly { readonly customer: string; readonly total: string }[];
}
