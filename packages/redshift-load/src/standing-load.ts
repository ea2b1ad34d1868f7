/** Whether the warehouse holds already what the published upstreams make. */
import type { Day } from '@user-behaviour/shared/job';
import type { DataApi } from './data-api.ts';
import { statementName, type Upstreams } from './day-load.ts';
import { statement } from './statement.ts';

export interface LoadFacts {
  readonly rows: number;
  readonly amountSpent: number;
}

/** The ledger's facts when it was made from these very upstreams and the slice still holds what it says. */
export async function standingLoad(
  day: Day,
  { purchases, reviews }: Upstreams,
  api: DataApi,
): Promise<LoadFacts | undefined> {
  const id = await api.run(
    {
      name: statementName(day, 'loaded'),
      statements: [statement('load', 'loaded')],
      parameters: { ds: day.ds },
      reads: true,
    },
    day.log,
  );
  const [row] = await api.rows(id);
  if (row === undefined) return undefined;
  const whole = ['amount_spent', 'review_score', 'review_count'].every(
    (column) => Number(row[column]) === Number(row[`slice_${column}`]),
  );
  const standing =
    row['purchases_run'] === purchases.manifest.run &&
    row['reviews_run'] === reviews.manifest.run &&
    row['metric_rows'] === row['slice_rows'] &&
    whole;
  return standing
    ? { rows: Number(row['metric_rows']), amountSpent: Number(row['amount_spent']) }
    : undefined;
}
