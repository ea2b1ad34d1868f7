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
export function checkPurchaseHeader(path: string, header: string | undefined): void {
  const names = (header ?? '')
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  if (accepted.some((columns) => columns.join() === names.join())) return;
  throw new Failure(
    'data',
    `${path} has a wrong header; expected ${accepted.map((c) => c.join()).join(' or ')}`,
    { action: 'nothing was loaded; give the file one of these headers, in this column order' },
  );
}
