import { describe, expect, it } from 'vitest';
import { valuesOf } from './load-limits.ts';
import type { Column } from '@user-behaviour/source/table-schema';
import { documentedTable as table, withType } from '@user-behaviour/source/test/documented-table';

const loadable = (columns: readonly Column[]) => valuesOf(columns).loadable;

describe('what the load takes', () => {
  it('is checked only where the types of the columns do not say it', () => {
    expect(loadable(table)).toBe("unit_price <> 'NaN'");
  });

  it.each([
    ['unit_price', 'numeric(18,5)'],
    ['unit_price', 'numeric(5)'],
    ['quantity', 'smallint'],
    ['customer_id', 'smallint'],
    ['country', 'character(20)'],
    ['country', 'character varying(5)'],
  ])('needs no more of %s of the type %s', (name, type) => {
    expect(loadable(withType(name, type))).toBe("unit_price <> 'NaN'");
  });

  it.each([
    ['unit_price', 'numeric', 'scale(unit_price) <= 5'],
    ['unit_price', 'numeric(8,6)', 'unit_price = round(unit_price, 5)'],
    ['unit_price', 'numeric(19,5)', 'unit_price < 1e13 and unit_price > -1e13'],
    ['quantity', 'bigint', 'quantity <= 2147483647'],
    ['customer_id', 'bigint', 'customer_id between -2147483648 and 2147483647'],
    ['detail', 'text', 'octet_length(cast(detail as text)) <= 1000'],
    [
      'detail',
      'character varying(1001)',
      "octet_length(convert_to(cast(detail as text), 'UTF8')) <= 4000",
    ],
    [
      'invoice_number',
      'character varying',
      "octet_length(convert_to(cast(invoice_number as text), 'UTF8')) <= 40",
    ],
    ['stock_code', 'bpchar', "octet_length(convert_to(cast(stock_code as text), 'UTF8')) <= 80"],
    ['country', 'character(21)', "octet_length(convert_to(cast(country as text), 'UTF8')) <= 80"],
  ])('is checked of %s of the type %s', (name, type, condition) => {
    expect(loadable(withType(name, type))).toContain(condition);
    expect(loadable([])).toContain(condition);
  });
});

it('the padding of character(n) is no part of a value', () => {
  expect(valuesOf(table).padded).toEqual([]);
  for (const type of ['character(20)', 'character', 'bpchar']) {
    expect(valuesOf(withType('country', type)).padded).toEqual(['country']);
  }
  const further = ['code(', 'case', 'constructor'].map((name) => ({ name, type: 'character(3)' }));
  expect(valuesOf([...table, ...further]).padded).toEqual([]);
});
