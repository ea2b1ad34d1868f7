/** What the extraction relies on in the source table; checked before a row is read. */
import { Failure } from '@user-behaviour/shared/failure';

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** Types as PostgreSQL's format_type spells them, without their lengths. */
const expected: Readonly<Record<string, readonly string[]>> = {
  invoice_number: ['character varying', 'text'],
  stock_code: ['character varying', 'text'],
  detail: ['character varying', 'text'],
  quantity: ['integer', 'smallint', 'bigint'],
  invoice_date: ['timestamp without time zone'],
  unit_price: ['numeric'],
  customer_id: ['integer', 'bigint'],
  country: ['character varying', 'text'],
};

/** Further columns do not matter; a missing one or one of another type is a data failure that names them all. */
export function checkColumns(columns: readonly Column[]): void {
  const action = 'compare the table with sql/source/001_user_purchase.sql';
  if (columns.length === 0) {
    throw new Failure('data', 'table retail.user_purchase does not exist in the source', {
      action,
    });
  }
  const types = new Map(columns.map(({ name, type }) => [name, type.replace(/\(.*?\)/, '')]));
  const faults = Object.entries(expected).flatMap(([name, accepted]) => {
    const type = types.get(name);
    if (type === undefined) return [`column ${name} is missing`];
    return accepted.includes(type)
      ? []
      : [`column ${name} is ${type}, expected ${accepted.join(' or ')}`];
  });
  if (faults.length > 0) {
    throw new Failure('data', `retail.user_purchase is not as expected: ${faults.join('; ')}`, {
      action,
    });
  }
}
