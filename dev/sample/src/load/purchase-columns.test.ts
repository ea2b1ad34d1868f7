import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { columnOrder } from './purchase-columns.ts';

const shop = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const table =
  'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country';
const order = (header: string) => columnOrder('f.csv', header.split(','));

describe('the header', () => {
  it.each([
    shop,
    table,
    'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country',
    'invoice no,stock code,description,quantity,invoice date,unit price,customer id,country',
    shop.toUpperCase(),
  ])('may be %s', (header) => {
    expect(order(header)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('may have another order', () => {
    const reversed = shop.split(',').toReversed().join();
    expect(order(reversed)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it.each([
    ['a column too few', shop.replace(',Country', '')],
    ['a column too many', `${shop},Notes`],
    ['another name', shop.replace('Country', 'Land')],
    ['a column twice', shop.replace('Country', 'Invoice')],
    ['semicolons', shop.replaceAll(',', ';')],
    ['a row in its place', '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,Spain'],
    ['nothing', ''],
  ])('is refused: %s. The message says what is expected, not what was found', (_what, header) => {
    const check = () => order(header);
    expect(check).toThrow(Failure);
    expect(check).toThrow('PURCHASES: f.csv has a wrong header');
    const action = expect.stringContaining(`${shop}\nor\n${table}`) as string;
    expect(check).toThrow(expect.objectContaining({ exit: 65, action }));
  });
});
