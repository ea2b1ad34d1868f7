import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { checkColumns, type Column } from './table-schema.ts';

/** As sql/source/001_user_purchase.sql makes it. */
const table: readonly Column[] = [
  { name: 'invoice_number', type: 'character varying(10)' },
  { name: 'stock_code', type: 'character varying(20)' },
  { name: 'detail', type: 'character varying(1000)' },
  { name: 'quantity', type: 'integer' },
  { name: 'invoice_date', type: 'timestamp without time zone' },
  { name: 'unit_price', type: 'numeric(8,3)' },
  { name: 'customer_id', type: 'integer' },
  { name: 'country', type: 'character varying(20)' },
];
const withType = (name: string, type: string) =>
  table.map((column) => (column.name === name ? { name, type } : column));

function faultOf(columns: readonly Column[]): Failure {
  try {
    checkColumns(columns);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the columns were accepted');
}

describe('the table at the source', () => {
  it('is accepted as the project makes it, in any order, with further columns', () => {
    expect(() => {
      checkColumns(table);
      checkColumns([{ name: 'note', type: 'json' }, ...table.toReversed()]);
    }).not.toThrow();
  });

  it.each([
    ['invoice_number', 'text'],
    ['quantity', 'bigint'],
    ['customer_id', 'bigint'],
    ['unit_price', 'numeric'],
    ['invoice_date', 'timestamp(6) without time zone'],
  ])('may have %s as %s', (name, type) => {
    expect(() => {
      checkColumns(withType(name, type));
    }).not.toThrow();
  });

  it('that is not there is named', () => {
    expect(faultOf([])).toMatchObject({
      kind: 'data',
      message: 'table retail.user_purchase does not exist in the source',
      action: 'compare the table with sql/source/001_user_purchase.sql',
    });
  });

  it('is told all its faults at once', () => {
    const columns = withType('unit_price', 'double precision').filter(
      ({ name }) => name !== 'country',
    );
    const failure = faultOf(columns);
    expect(failure.exit).toBe(65);
    expect(failure.message).toBe(
      'retail.user_purchase is not as expected: column unit_price is double precision, expected numeric; column country is missing',
    );
  });

  it('may not have days with a time zone: the interval would be another one', () => {
    expect(faultOf(withType('invoice_date', 'timestamp with time zone')).message).toContain(
      'column invoice_date is timestamp with time zone',
    );
  });
});
