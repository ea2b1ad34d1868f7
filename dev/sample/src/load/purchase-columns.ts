/** The columns of a purchases file: by their names in the shop's file, in the table, or in other copies of it. */
import { Failure } from '@user-behaviour/shared/failure';
import { purchaseHeader } from '../data/purchases.ts';
import { integer, numeric, type ReadValue, textOf, timestamp } from './purchase-values.ts';

interface Column {
  readonly name: string;
  /** In lower case, without blanks and underscores. */
  readonly aliases: readonly string[];
  readonly read: ReadValue;
}

/** In the order of the shop's file; the types are those of sql/source. */
export const columns: readonly Column[] = [
  { name: 'invoice_number', aliases: ['invoiceno', 'invoice', 'invoicenumber'], read: textOf(10) },
  { name: 'stock_code', aliases: ['stockcode'], read: textOf(20) },
  { name: 'detail', aliases: ['description', 'detail'], read: textOf(1_000) },
  { name: 'quantity', aliases: ['quantity'], read: integer },
  { name: 'invoice_date', aliases: ['invoicedate'], read: timestamp },
  { name: 'unit_price', aliases: ['unitprice', 'price'], read: numeric(8, 3) },
  { name: 'customer_id', aliases: ['customerid'], read: integer },
  { name: 'country', aliases: ['country'], read: textOf(20) },
];

/** Where each column is in the file. @throws a data failure unless each of them is there once, and no other. */
export function columnOrder(name: string, header: readonly string[] | undefined): number[] {
  const found = (header ?? []).map((title) => title.toLowerCase().replaceAll(/[\s_]/g, ''));
  const order = columns.map(({ aliases }) => found.findIndex((title) => aliases.includes(title)));
  const isComplete = found.length === columns.length && !order.includes(-1);
  if (isComplete) return order;
  throw new Failure('data', `PURCHASES: ${name} has a wrong header`, {
    action: `nothing was loaded; expected these columns, separated by commas, in any order:\n${purchaseHeader.join()}\nor\n${columns.map((column) => column.name).join()}`,
  });
}
