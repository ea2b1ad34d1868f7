/** Whether the warehouse already holds what the published upstreams make. */
import { loadResult, whyStale } from '@user-behaviour/shared/manifest/staleness';
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

/** The facts of the load in the ledger, when it is current and the slice still holds what the ledger says. */
export function existingLoad(
  row: Row | undefined,
  { purchases, reviews }: Upstreams,
): LoadFacts | undefined {
  if (row === undefined) return undefined;
  const sums = ['amount_spent', 'review_score', 'review_count'];
  const isWhole =
    row['metric_rows'] === row['slice_rows'] &&
    sums.every((column) => Number(row[column]) === Number(row[`slice_${column}`]));
  const runs = {
    'user_purchase/stage': row['purchases_run'] ?? '',
    'movie_review/stage': row['reviews_run'] ?? '',
  };
  const result = loadResult(purchases.manifest.ds, runs, isWhole);
  return whyStale(result, { upstream: [purchases, reviews] }) === undefined
    ? { rows: Number(row['metric_rows']), amountSpent: Number(row['amount_spent']) }
    : undefined;
}
