/** What a load reports, in the log and in the summary line. */
import type { Row } from '../data-api/result.ts';
import { currentLoadSql, type PlannedLoad } from './transaction.ts';

/** The summary's row as facts for the log and the summary line. */
export function summarise(row: Row, { parameters }: Pick<PlannedLoad, 'parameters'>) {
  const number = (column: string) => Number(row[column] ?? 0);
  return {
    rows: number('metric_rows'),
    amountSpent: number('amount_spent'),
    purchaseRows: Number(parameters['purchase_rows']),
    reviewRows: Number(parameters['review_rows']),
    purchasesWithoutCustomer: number('purchases_without_customer'),
    customersWithoutReviews: number('customers_without_reviews'),
    reviewersWithoutPurchases: number('reviewers_without_purchases'),
    minQuantity: Number(parameters['min_quantity']),
    loadSql: currentLoadSql(),
  };
}

export function sentence({
  rows,
  purchaseRows,
}: {
  readonly rows: number;
  readonly purchaseRows: number;
}): string {
  return purchaseRows === 0
    ? 'no purchases on this day: 0 customers loaded'
    : `${String(rows)} customers loaded`;
}
