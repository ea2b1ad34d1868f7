/** The figures of the page that the warehouse adds up: four statements at most, whatever the size of the metric. */
import { namedRows, type Row } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { foundTables } from '@user-behaviour/redshift-load/tables/found-tables';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { OperatorConfiguration } from '../config.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import type { DayCounts, MetricDay, SpendBin, Spender } from './page-facts.ts';

export interface WarehouseFigures {
  readonly metric: ReadonlyMap<Ds, MetricDay>;
  readonly counts: ReadonlyMap<Ds, DayCounts>;
  readonly bins: readonly SpendBin[];
  readonly spenders: readonly Spender[] | undefined;
}

const ds = z
  .string()
  .transform((text) => text.slice(0, 10))
  .refine(isDs);
const number = z.string().min(1).pipe(z.coerce.number());
const perhaps = number.optional();

const metricRow = z.object({
  ds,
  customers: number,
  amount: number,
  positive: number,
  reviews: number,
});
const binRow = z.object({
  reviews: number,
  spend: number,
  customers: number,
  amount: number,
  positive: number,
  review_rows: number,
});
const spenderRow = z.object({
  customer: z.string(),
  days: number,
  amount: number,
  positive: number,
  reviews: number,
});
const countsRow = z.object({
  ds,
  purchases_below_quantity: perhaps,
  purchases_rejected: perhaps,
  purchase_rows: number,
  purchases_without_customer: number,
  purchases_without_reviews: number,
  purchases_in_metric: number,
  reviews_rejected: perhaps,
  review_rows: number,
  reviews_without_purchases: number,
  reviews_in_metric: number,
});

/** Empty where the first load has not made the tables yet. */
export async function readFigures(
  configuration: OperatorConfiguration,
  { from, to }: { readonly from: Ds; readonly to: Ds },
  { customers }: { readonly customers: boolean },
): Promise<WarehouseFigures> {
  const existing = await queryWarehouse(configuration, statement('ddl', 'metric_tables'));
  const tables = foundTables(namedRows(existing));
  const ask = async <T>(table: string, file: string, row: z.ZodType<T>): Promise<T[]> => {
    if (!tables.has(table)) return [];
    const days = { first_ds: from, last_ds: to };
    const found = await queryWarehouse(configuration, statement('report', file), days);
    return namedRows(found).map((one) => parse(one, row, file));
  };
  const metric = 'public.user_behavior_metric';
  const [byDay, counts, bins, spenders] = await Promise.all([
    ask(metric, 'metric_by_day', metricRow),
    ask('public.user_behavior_metric_day', 'row_counts', countsRow),
    ask(metric, 'spend_by_reviews', binRow),
    customers ? ask(metric, 'top_spenders', spenderRow) : undefined,
  ]);
  return {
    metric: new Map(byDay.map(({ ds: day, ...figures }) => [day, figures])),
    counts: new Map(counts.map((row) => [row.ds, countsOf(row)])),
    bins: bins.map(({ review_rows: reviewRows, ...bin }) => ({ ...bin, reviewRows })),
    spenders,
  };
}

function parse<T>(row: Row, form: z.ZodType<T>, file: string): T {
  const parsed = form.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new Failure(
    'data',
    `a row of ${file} is not as expected: ${z.prettifyError(parsed.error)}`,
    {
      action: `run sql/warehouse/report/${file}.sql in the warehouse, and look at the tables that it reads`,
    },
  );
}

const countsOf = (row: z.infer<typeof countsRow>): DayCounts => ({
  purchasesBelowQuantity: row.purchases_below_quantity,
  purchasesRejected: row.purchases_rejected,
  purchaseRows: row.purchase_rows,
  purchasesWithoutCustomer: row.purchases_without_customer,
  purchasesWithoutReviews: row.purchases_without_reviews,
  purchasesInMetric: row.purchases_in_metric,
  reviewsRejected: row.reviews_rejected,
  reviewRows: row.review_rows,
  reviewsWithoutPurchases: row.reviews_without_purchases,
  reviewsInMetric: row.reviews_in_metric,
});
