import { parseDs } from '@user-behaviour/shared/ds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyStatement, purchasesQuery } from './query.ts';

describe('purchasesQuery', () => {
  it('selects the half-open UTC interval of the day and larger quantities', () => {
    expect(copyStatement(purchasesQuery(parseDs('2010-12-01'), 2))).toMatchInlineSnapshot(`
      "copy (select
          invoice_number,
          stock_code,
          detail,
          quantity,
          invoice_date,
          unit_price,
          customer_id,
          country
      from retail.user_purchase
      where quantity > 2
        and invoice_date >= timestamp '2010-12-01'
        and invoice_date < timestamp '2010-12-01' + interval '1 day') to stdout (format text)"
    `);
  });

  it('accepts a negative quantity', () => {
    expect(purchasesQuery(parseDs('2010-12-01'), -5)).toContain('quantity > -5\n');
  });

  it('replaces all psql variables and removes all comments', () => {
    const query = purchasesQuery(parseDs('2010-12-01'), 2);
    expect(query).not.toMatch(/:'|:[a-z]|--|;/);
  });

  it('inserts only real days: parseDs rejects anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hostile = `2010-12-01${text === '' ? "'" : text}`;
        expect(() => purchasesQuery(parseDs(hostile), 2)).toThrow('--ds must be a real day');
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5])('rejects %d as a quantity', (quantity) => {
    expect(() => purchasesQuery(parseDs('2010-12-01'), quantity)).toThrow('whole number');
  });
});
