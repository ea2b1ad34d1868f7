import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { checkPurchaseHeader } from './purchase-columns.ts';

const shop = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const table =
  'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country';

describe('checkPurchaseHeader', () => {
  it.each([shop, table, `\uFEFF${shop}`, shop.replace('StockCode', '"StockCode"')])(
    'accepts %s',
    (header) => {
      expect(() => {
        checkPurchaseHeader('f.csv', header);
      }).not.toThrow();
    },
  );

  it.each([
    ['another order', shop.replace('InvoiceNo,StockCode', 'StockCode,InvoiceNo')],
    ['a column too few', shop.replace(',Country', '')],
    ['a column too many', `${shop},Notes`],
    ['a mixture', shop.replace('Country', 'country')],
    ['a row in its place', '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,Spain'],
    ['nothing', undefined],
  ])('rejects %s and says what is expected, not what was found', (_what, header) => {
    const check = (): void => {
      checkPurchaseHeader('f.csv', header);
    };
    expect(check).toThrow(Failure);
    expect(check).toThrow('PURCHASES: f.csv has a wrong header');
    const action = expect.stringContaining(`${shop}\nor\n${table}`) as string;
    expect(check).toThrow(expect.objectContaining({ exit: 65, action }));
  });
});
