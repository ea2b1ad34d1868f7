/**
 * What the load takes of a purchase, as a condition that costs the source little; pure. The limits are those of
 * sql/warehouse/ddl/020_user_purchase_staging.sql and sql/warehouse/load/021_fill_purchase_day.sql, and again
 * in sql/source/extract/judged_purchases.sql, which gives the reasons.
 */
import { type Column, isExpected } from '@user-behaviour/source/table-schema';

/** Bytes of each text in the external table. Spectrum cuts a longer one, or replaces it by null. */
const textBytes: Readonly<Record<string, number>> = {
  invoice_number: 40,
  stock_code: 80,
  detail: 4_000,
  country: 80,
};

/** Most bytes of a character in UTF-8. */
const bytesPerCharacter = 4;
/** Digits before and after the point. */
const price = { whole: 13, decimals: 5 };

/** Most characters of a type such as `character varying(10)`; undefined for no limit. */
const lengthOf = (type: string): number | undefined => {
  const [, length] = /^character(?: varying)?\((\d+)\)$/.exec(type) ?? [];
  return length === undefined ? undefined : Number(length);
};

/** A short text is not converted. Null has no length, and is loaded as null. */
function textFits(name: string, type: string | undefined, bytes: number): string[] {
  const characters = type === undefined ? undefined : lengthOf(type);
  if (characters !== undefined && characters * bytesPerCharacter <= bytes) return [];
  const text = `cast(${name} as text)`;
  const sure = `octet_length(${text}) <= ${String(bytes / bytesPerCharacter)}`;
  const exact = `octet_length(convert_to(${text}, 'UTF8')) <= ${String(bytes)}`;
  return [`(${name} is null or ${sure} or ${exact})`];
}

/** NaN is larger than any number. A comparison with null is not true, so null is not loaded. */
function priceFits(type: string | undefined): string {
  const [, digits, decimals = '0'] = /^numeric\((\d+)(?:,(\d+))?\)$/.exec(type ?? '') ?? [];
  const isNarrow =
    digits !== undefined &&
    Number(decimals) <= price.decimals &&
    Number(digits) - Number(decimals) <= price.whole;
  if (isNarrow) return `unit_price <> 'NaN'`;
  const limit = `1e${String(price.whole)}`;
  return [
    `unit_price < ${limit} and unit_price > -${limit}`,
    `(scale(unit_price) <= ${String(price.decimals)}
      or unit_price = round(unit_price, ${String(price.decimals)})
      and octet_length(cast(unit_price as text)) <= 20)`,
  ].join(' and ');
}

/** How the values of the table are read. */
export interface TableValues {
  /** The condition on a row that the load can take, without what the types of the columns exclude. */
  readonly loadable: string;
  /** Extracted columns of the type `character(n)`, whose padding is no part of the value. */
  readonly padded: readonly string[];
}

/** Of an unknown column no value is excluded. */
export const valuesOf = (columns: readonly Column[]): TableValues => ({
  loadable: loadable(columns),
  padded: columns
    .filter(({ name, type }) => isExpected(name) && /^(character(\(|$)|bpchar)/.test(type))
    .map(({ name }) => name),
});

function loadable(columns: readonly Column[]): string {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const isWide = (name: string) => !/^(integer|smallint)$/.test(types.get(name) ?? '');
  return [
    priceFits(types.get('unit_price')),
    ...(isWide('quantity') ? ['quantity <= 2147483647'] : []),
    ...(isWide('customer_id')
      ? ['(customer_id is null or customer_id between -2147483648 and 2147483647)']
      : []),
    ...Object.entries(textBytes).flatMap(([name, bytes]) => textFits(name, types.get(name), bytes)),
  ].join(' and ');
}
