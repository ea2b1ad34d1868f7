/** What the extraction expects of the source table. */
import { Failure } from '@user-behaviour/shared/failure';

/** A row of sql/source/extract/columns.sql. The type of a domain is the type below it. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** The padding of `character(n)` is no part of its value, so the query drops it. */
const texts = ['character varying', 'text', 'character', 'bpchar'];

/** Accepted types, as PostgreSQL's format_type spells them, without their length or precision. */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  invoice_number: texts,
  stock_code: texts,
  detail: texts,
  quantity: ['integer', 'smallint', 'bigint'],
  // With a time zone, the day's interval would depend on the session.
  invoice_date: ['timestamp without time zone'],
  unit_price: ['numeric'],
  customer_id: ['integer', 'smallint', 'bigint'],
  country: texts,
};

/** Whether the extraction reads the column. */
export const isExpected = (name: string): boolean => Object.hasOwn(expectedTypes, name);

/**
 * Accepts columns in any order, and further ones.
 * @throws a data failure that names every column that is missing or has another type.
 */
export function checkColumns(columns: readonly Column[]): void {
  const action = 'compare the table with sql/source/001_user_purchase.sql';
  if (columns.length === 0) {
    throw new Failure('data', 'table retail.user_purchase does not exist in the source', {
      action,
    });
  }
  const types = new Map(columns.map(({ name, type }) => [name, type.replace(/\(.*?\)/, '')]));
  const problems = Object.entries(expectedTypes).flatMap(([name, accepted]) => {
    const type = types.get(name);
    if (type === undefined) return [`column ${name} is missing`];
    return accepted.includes(type)
      ? []
      : [`column ${name} is ${type}, expected ${accepted.join(' or ')}`];
  });
  if (problems.length > 0) {
    throw new Failure(
      'data',
      `retail.user_purchase has unexpected columns: ${problems.join('; ')}`,
      {
        action,
      },
    );
  }
}
