/** The statement that streams one day; pure. COPY takes no bind parameters, so checked values are put in. */
import { asset } from '@user-behaviour/shared/asset';
import type { Ds } from '@user-behaviour/shared/ds';

/** The day's query, sql/source/extract/user_purchase.sql, with its psql variables filled in. */
export function purchasesQuery(ds: Ds, minQuantity: number): string {
  if (!Number.isInteger(minQuantity)) throw new TypeError('minQuantity must be a whole number');
  return asset('sql/source/extract/user_purchase.sql')
    .replace(/^--.*\n/gm, '')
    .replaceAll(":'ds'", `'${ds}'`)
    .replaceAll(':min_quantity', String(minQuantity))
    .trim();
}

/** In text format, which costs the server a quarter less than CSV; the scanner makes CSV of it. */
export const copyStatement = (query: string): string => `copy (${query}) to stdout (format text)`;
