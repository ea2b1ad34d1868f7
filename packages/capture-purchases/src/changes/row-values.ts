/** The values of a purchase in a message of the log, by the columns that the extraction reads; pure. */
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { extractedColumns } from '@user-behaviour/source/extracted-columns';
import { Gap } from '../source/chain.ts';
import type { Row, Value } from '../stream/pgoutput.ts';

const at = (name: (typeof extractedColumns)[number]): number => extractedColumns.indexOf(name);
const [quantity, date, price, customer] = (
  ['quantity', 'invoice_date', 'unit_price', 'customer_id'] as const
).map(at) as [number, number, number, number];

/** Most bytes that the load takes of a text; sql/source/extract/judged_purchases.sql has the same limits. */
const mostBytes = [
  ['invoice_number', 40],
  ['stock_code', 80],
  ['detail', 4_000],
  ['country', 80],
] as const;

/** Values of a row in the order of `extractedColumns`. */
export type Purchase = readonly (Buffer | null)[];

/**
 * Returns the function that finds the values of a purchase in a row with these columns. A column of the type
 * `character(n)` is in `padded`: its padding is no part of the value.
 * @throws a gap if a column is missing: changes that were made without it stay without it; a bug failure if a value is
 * missing in a row.
 */
export function purchaseIn(
  columns: readonly string[],
  padded: ReadonlySet<string>,
): (row: Row) => Purchase {
  const places = extractedColumns.map((name) => {
    const place = columns.indexOf(name);
    if (place >= 0) return { place, isPadded: padded.has(name) };
    throw new Gap(`a change of retail.user_purchase has no column ${name}`);
  });
  return (row) => places.map(({ place, isPadded }) => valueOf(row[place], isPadded));
}

function valueOf(value: Value, isPadded: boolean): Buffer | null {
  if (value === undefined) {
    throw new Failure('bug', 'a change of retail.user_purchase leaves out a value of the old row');
  }
  if (value === null || !isPadded) return value;
  let end = value.length;
  while (end > 0 && value[end - 1] === 0x20) end -= 1;
  return value.subarray(0, end);
}

/** Undefined for a purchase that belongs to no day: without a date, or with one that no job takes. */
export function dayOf(purchase: Purchase): Ds | undefined {
  const text = purchase[date]?.toString('latin1') ?? '';
  const ds = text.slice(0, 10);
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) && isDs(ds) ? ds : undefined;
}

/** Whether the extraction reads the purchase. */
export const isSelected = (purchase: Purchase, minQuantity: number): boolean =>
  numberIn(purchase[quantity]) > minQuantity;

/** Whether the load surely takes the purchase; false also for some that it may take. */
export function isSurelyLoadable(purchase: Purchase): boolean {
  const amount = purchase[price];
  const isPrice = amount != null && /^-?\d{1,13}(\.\d{1,5})?$/.test(amount.toString('latin1'));
  const customerFits = purchase[customer] == null || isInteger(numberIn(purchase[customer]));
  return (
    isPrice &&
    isInteger(numberIn(purchase[quantity])) &&
    customerFits &&
    mostBytes.every(([name, most]) => (purchase[at(name)]?.length ?? 0) <= most)
  );
}

const numberIn = (value: Buffer | null | undefined): number =>
  value == null ? NaN : Number(value.toString('latin1'));

const isInteger = (number: number): boolean => number >= -2_147_483_648 && number <= 2_147_483_647;
