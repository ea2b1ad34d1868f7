/** The statement that reads one day; pure. COPY takes no bind parameters, so validated values are inserted. */
import { asset } from '@user-behaviour/shared/asset';
import type { Ds } from '@user-behaviour/shared/ds';

/** Returns sql/source/extract/user_purchase.sql with its psql variables replaced. */
export function purchasesQuery(ds: Ds, minQuantity: number): string {
  if (!Number.isInteger(minQuantity)) throw new TypeError('minQuantity must be a whole number');
  return asset('sql/source/extract/user_purchase.sql')
    .replace(/^--.*\n/gm, '')
    .replaceAll(":'ds'", `'${ds}'`)
    .replaceAll(':min_quantity', String(minQuantity))
    .trim();
}

/** Text format costs the server a quarter less than CSV; copy/csv-scanner.ts converts it to CSV. */
export const copyStatement = (query: string): string => `copy (${query}) to stdout (format text)`;
