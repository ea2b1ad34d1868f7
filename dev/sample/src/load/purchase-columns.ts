/** The columns of a purchases file, named as in the shop's file or as in the source table. */
import { Failure } from '@user-behaviour/shared/failure';
import { purchaseHeader } from '../data/purchases.ts';

/** In the order of the shop's file. */
export const tableColumns = [
  'invoice_number',
  'stock_code',
  'detail',
  'quantity',
  'invoice_date',
  'unit_price',
  'customer_id',
  'country',
] as const;

const accepted: readonly (readonly string[])[] = [purchaseHeader, tableColumns];

/** @throws a data failure unless the header is one of the two accepted ones. */
export function checkPurchaseHeader(name: string, header: string | undefined): void {
  const names = (header ?? '')
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((column) => column.trim().replace(/^"(.*)"$/, '$1'));
  if (accepted.some((columns) => columns.join() === names.join())) return;
  throw new Failure('data', `PURCHASES: ${name} has a wrong header`, {
    action: `nothing was loaded; expected these columns in this order:\n${accepted.map((columns) => columns.join()).join('\nor\n')}`,
  });
}
