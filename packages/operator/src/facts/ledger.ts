/** The warehouse's ledger, for any number of days in one query. */
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import type { OperatorConfiguration } from '../config.ts';
import type { Bounds } from './inventory.ts';
import type { Cell } from '../table.ts';
import { queryWarehouse } from './warehouse-query.ts';

export interface LedgerRow {
  readonly purchasesRun: string;
  readonly reviewsRun: string;
  readonly rows: number;
  readonly amountSpent: string;
  readonly minQuantity: number;
  /** UTC, as the warehouse writes a timestamp. */
  readonly loadedAt: string;
  /** Whether the metric still holds what the ledger says. */
  readonly whole: boolean;
}

const tables =
  "select table_name from svv_tables where table_schema = 'public' and table_name in ('user_behavior_metric', 'user_behavior_metric_load')";

/** The slice of each day beside its ledger row; `metric` is a table of the sums of each day. */
const ledgerOf = (metric: string) => `
select cast(ledger.ds as varchar), ledger.purchases_run, ledger.reviews_run, ledger.metric_rows,
  ledger.amount_spent, ledger.min_quantity, ledger.loaded_at,
  case when ledger.metric_rows = coalesce(slice.metric_rows, 0)
    and ledger.amount_spent = coalesce(slice.amount_spent, 0)
    and ledger.review_score = coalesce(slice.review_score, 0)
    and ledger.review_count = coalesce(slice.review_count, 0) then 1 else 0 end as whole
from public.user_behavior_metric_load as ledger
left join (${metric}) as slice on slice.ds = ledger.ds
where ledger.ds between cast(:first as date) and cast(:last as date)
order by ledger.ds`;

const slices = `select insert_date as ds, count(*) as metric_rows, sum(amount_spent) as amount_spent,
  sum(review_score) as review_score, sum(review_count) as review_count
  from public.user_behavior_metric
  where insert_date between cast(:first as date) and cast(:last as date) group by insert_date`;

/** Where the metric's table is gone, no row is whole. */
const noSlices = `select cast(null as date) as ds, -1 as metric_rows, 0 as amount_spent,
  0 as review_score, 0 as review_count where 1 = 0`;

/** Empty before the first load has made the tables. */
export async function readLedger(
  configuration: OperatorConfiguration,
  { from = '0001-01-01' as Ds, to = '9999-12-31' as Ds }: Bounds,
): Promise<ReadonlyMap<Ds, LedgerRow>> {
  const present = (await queryWarehouse(configuration, tables)).rows.map(([name]) => name);
  if (!present.includes('user_behavior_metric_load')) return new Map();
  const sql = ledgerOf(present.includes('user_behavior_metric') ? slices : noSlices);
  return parseLedger((await queryWarehouse(configuration, sql, { first: from, last: to })).rows);
}

const table = 'public.user_behavior_metric_load';
const number = z.string().min(1).pipe(z.coerce.number());
/** The columns of the query above, in its order. */
const columns = z.tuple([
  z.string().transform((text) => text.slice(0, 10)),
  z.string(),
  z.string(),
  number,
  number,
  number,
  z.string(),
  number,
]);

/** @throws Failure when a row is not what the query asks for. */
export function parseLedger(rows: readonly (readonly Cell[])[]): ReadonlyMap<Ds, LedgerRow> {
  const ledger = new Map<Ds, LedgerRow>();
  for (const row of rows) {
    const { data } = columns.safeParse(row);
    if (data === undefined || !isDs(data[0])) {
      throw new Failure('data', `a row of ${table} is not as the loads write them`, {
        action: `look at ${table}: its columns are those of sql/warehouse/ddl`,
      });
    }
    const [ds, purchasesRun, reviewsRun, metricRows, amount, minQuantity, loadedAt, whole] = data;
    ledger.set(ds, {
      purchasesRun,
      reviewsRun,
      rows: metricRows,
      amountSpent: amount.toFixed(2),
      minQuantity,
      loadedAt,
      whole: whole === 1,
    });
  }
  return ledger;
}
