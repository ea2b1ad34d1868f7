/** The statements that read one day; pure. COPY takes no bind parameters, so validated values are inserted. */
import { asset } from '@user-behaviour/shared/asset';
import type { Ds } from '@user-behaviour/shared/ds';
import type { TableValues } from '../table/load-limits.ts';

/** Which purchases a run extracts. */
export interface DaySelection {
  readonly ds: Ds;
  readonly minQuantity: number;
}

/** What a purchase that the load cannot take does: it ends the query with SQLSTATE 22012, or has no price. */
export type Otherwise = 'fails' | 'is null';

const otherwiseSql = { fails: '1 / (quantity - quantity)', 'is null': 'null' } as const;

/** Returns sql/source/extract/user_purchase.sql with its psql variables replaced. */
export function purchasesQuery(
  day: DaySelection,
  { loadable, padded }: TableValues,
  otherwise: Otherwise = 'fails',
): string {
  const query = filled('user_purchase', day)
    .replaceAll(':loadable', loadable)
    .replaceAll(':otherwise', otherwiseSql[otherwise]);
  // A cast of every text would hide from the planner how wide a row is.
  return padded.reduce(
    (text, name) =>
      text.replace(new RegExp(`^( +)${name}\\b`, 'm'), `$1cast(${name} as text) as ${name}`),
    query,
  );
}

/** Leaves out the rows that the load cannot take, of a query where such a row is null. */
export const withoutRejects = (query: string): string =>
  `select * from (${query}) as purchase where unit_price is not null`;

/** How a row of the table is found again. A view has no better place than the number of the row in the day. */
const places = {
  table: "concat(cast(tableoid as regclass), ' ', ctid)",
  view: "concat('row ', row_number() over ())",
} as const;

/** Returns sql/source/extract/judged_purchases.sql with its psql variables replaced. */
export const judgedPurchases = (day: DaySelection, relation: keyof typeof places): string =>
  filled('judged_purchases', day).replaceAll(':place', places[relation]);

function filled(
  name: 'user_purchase' | 'judged_purchases',
  { ds, minQuantity }: DaySelection,
): string {
  if (!Number.isInteger(minQuantity)) throw new TypeError('minQuantity must be a whole number');
  return asset(`sql/source/extract/${name}.sql`)
    .replace(/^--.*\n/gm, '')
    .replaceAll(":'ds'", `'${ds}'`)
    .replaceAll(':min_quantity', String(minQuantity))
    .trim();
}

/**
 * Text format costs the server a quarter less than CSV; copy/csv-scanner.ts converts it to CSV. After a row
 * that fails, the transaction and its snapshot continue at the savepoint.
 */
export const copyStatement = (query: string): string =>
  `savepoint copying; copy (${query}) to stdout (format text); release savepoint copying`;

/** Continues the transaction after a copy that failed. */
export const afterFailedCopy = 'rollback to savepoint copying; release savepoint copying';
