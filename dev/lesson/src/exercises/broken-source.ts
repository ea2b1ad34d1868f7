/** A source with faults, for exercises about what the pipeline tells of them. */
import { rename } from 'node:fs/promises';
import type { Workshop } from '../workshop.ts';

export interface BrokenDays {
  /** Three purchases of this day have no number as price. */
  readonly bad: string;
  /** The vendor has not delivered the reviews of this day. */
  readonly missing: string;
}

export async function breakSource(
  { database, env }: Workshop,
  { bad, missing }: BrokenDays,
): Promise<void> {
  await database.query(
    `update retail.user_purchase set unit_price = 'NaN'
     where ctid in (
       select ctid from retail.user_purchase
       where quantity > 2 and invoice_date::date = '${bad}' order by ctid limit 3
     )`,
  );
  const delivery = (env['REVIEWS_SOURCE'] ?? '').replace('{ds}', missing);
  await rename(delivery, `${delivery}.late`);
}
