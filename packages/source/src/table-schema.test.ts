import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { checkColumns, type Column } from './table-schema.ts';
import { documentedTable as table, withType } from '../test/documented-table.ts';

function failureOf(columns: readonly Column[]): Failure {
  try {
    checkColumns(columns);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the columns were accepted');
}

describe('checkColumns', () => {
  it('accepts the expected columns in any order, and further ones', () => {
    expect(() => {
      checkColumns(table);
      checkColumns([{ name: 'note', type: 'json' }, ...table.toReversed()]);
    }).not.toThrow();
  });

  it.each([
    ['invoice_number', 'text'],
    ['quantity', 'bigint'],
    ['customer_id', 'bigint'],
    ['customer_id', 'smallint'],
    ['country', 'character(20)'],
    ['stock_code', 'bpchar'],
    ['unit_price', 'numeric'],
    ['invoice_date', 'timestamp(6) without time zone'],
  ])('accepts %s as %s', (name, type) => {
    expect(() => {
      checkColumns(withType(name, type));
    }).not.toThrow();
  });

  it('reports a missing table', () => {
    expect(failureOf([])).toMatchObject({
      kind: 'data',
      message: 'table retail.user_purchase does not exist in the source',
      action: 'compare the table with sql/source/001_user_purchase.sql',
    });
  });

  it('reports all unexpected columns at once', () => {
    const columns = withType('unit_price', 'double precision').filter(
      ({ name }) => name !== 'country',
    );
    const failure = failureOf(columns);
    expect(failure.exit).toBe(65);
    expect(failure.message).toBe(
      'retail.user_purchase has unexpected columns: column unit_price is double precision, expected numeric; column country is missing',
    );
  });

  it('rejects invoice_date with a time zone, which would change the interval of a day', () => {
    expect(failureOf(withType('invoice_date', 'timestamp with time zone')).message).toContain(
      'column invoice_date is timestamp with time zone',
    );
  });
});
