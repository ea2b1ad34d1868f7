import { parseDs } from '@user-behaviour/shared/ds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyStatement, judgedPurchases, purchasesQuery, withoutRejects } from './query.ts';

const any = { loadable: 'true', padded: [] };
const day = { ds: parseDs('2010-12-01'), minQuantity: 2 };

describe('purchasesQuery', () => {
  it('selects the half-open UTC interval of the day and larger quantities', () => {
    expect(purchasesQuery(day, { ...any, loadable: "unit_price <> 'NaN'" })).toMatchInlineSnapshot(`
      "select
          invoice_number,
          stock_code,
          detail,
          quantity,
          invoice_date,
          case when unit_price <> 'NaN' then unit_price else 1 / (quantity - quantity) end as unit_price,
          customer_id,
          country
      from retail.user_purchase
      where quantity > 2
        and invoice_date >= timestamp '2010-12-01'
        and invoice_date < timestamp '2010-12-01' + interval '1 day'"
    `);
  });

  it('fails for a row that the load cannot take, without a value of the row, or leaves it out', () => {
    expect(purchasesQuery(day, any)).toContain('else 1 / (quantity - quantity) end as unit_price');
    const nullable = purchasesQuery(day, any, 'is null');
    expect(nullable).toContain('else null end as unit_price');
    expect(withoutRejects(nullable)).toBe(
      `select * from (${nullable}) as purchase where unit_price is not null`,
    );
  });

  it('reads a padded text without its padding, and every other column as it is', () => {
    const query = purchasesQuery(day, { ...any, padded: ['country', 'detail'] });
    expect(query).toContain('    cast(country as text) as country\n');
    expect(query).toContain('    cast(detail as text) as detail,\n');
    expect(query).toContain('    stock_code,\n');
  });

  it('is copied at a savepoint, where the snapshot continues after a failure', () => {
    expect(copyStatement('select 1')).toBe(
      'savepoint copying; copy (select 1) to stdout (format text); release savepoint copying',
    );
  });

  it('accepts a negative quantity', () => {
    expect(purchasesQuery({ ...day, minQuantity: -5 }, any)).toContain('quantity > -5\n');
  });

  it('replaces all psql variables and removes all comments', () => {
    for (const query of [purchasesQuery(day, any), judgedPurchases(day, 'table')]) {
      expect(query).not.toMatch(/:'|:[a-z]|--|;/);
    }
  });

  it('inserts only real days: parseDs rejects anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hostile = `2010-12-01${text === '' ? "'" : text}`;
        expect(() => purchasesQuery({ ...day, ds: parseDs(hostile) }, any)).toThrow(
          '--ds must be a real day',
        );
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5])(
    'rejects %d as a quantity',
    (minQuantity) => {
      expect(() => purchasesQuery({ ...day, minQuantity }, any)).toThrow('whole number');
    },
  );
});
