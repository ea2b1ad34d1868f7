/** Whether the warehouse holds already what the published upstreams make. */
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi, Row } from '../data-api/client.ts';
import { rangeParameters } from './transaction.ts';
import { statement } from '../data-api/sql.ts';
import { rangeName } from '../data-api/names.ts';
import type { Upstreams } from './upstreams.ts';

export interface LoadFacts {
  readonly rows: number;
  readonly amountSpent: number;
}

/** What the ledger and the slices hold of these days, by day; one question for all of them. */
export async function ledgerRows(
  days: readonly Day[],
  api: DataApi,
): Promise<ReadonlyMap<string, Row>> {
  const look = {
    name: rangeName(days, 'loaded'),
    statements: [statement('load', 'loaded')],
    parameters: rangeParameters(days),
    reads: true,
  };
  const rows = await api.ask(look, days[0]?.log);
  return new Map(rows.map((row) => [row['ds'] ?? '', row]));
}

/** The ledger's facts when it was made from these very upstreams and the slice still holds what it says. */
export function standingLoad(
  row: Row | undefined,
  { purchases, reviews }: Upstreams,
): LoadFacts | undefined {
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
