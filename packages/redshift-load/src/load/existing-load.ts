/** Whether the warehouse already holds what the published upstreams make. */
import { loadResult, whyStale } from '@user-behaviour/shared/manifest/staleness';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import type { Row } from '../data-api/result.ts';
import { rangeParameters } from './transaction.ts';
import { statement } from '../data-api/sql.ts';
import { rangeName } from '../data-api/names.ts';
import type { Upstreams } from './upstreams.ts';

export interface LoadFacts {
  readonly rows: number;
  readonly amountSpent: number;
}

/** The ledger's rows of these days, by day, in one query. */
export async function ledgerRows(
  days: readonly Day[],
  api: DataApi,
): Promise<ReadonlyMap<string, Row>> {
  const query = {
    name: rangeName(days, 'loaded'),
    statements: [statement('load', 'loaded')],
    parameters: rangeParameters(days),
    reads: true,
  };
  const rows = await api.ask(query, days[0]?.log);
  return new Map(rows.map((row) => [row['ds'] ?? '', row]));
}

/** The facts of the load in the ledger, if it is current and its slice is unchanged. */
export function existingLoad(
  row: Row | undefined,
  { purchases, reviews }: Upstreams,
): LoadFacts | undefined {
  if (row === undefined) return undefined;
  const runs = {
    'user_purchase/stage': row['purchases_run'] ?? '',
    'movie_review/stage': row['reviews_run'] ?? '',
  };
  const result = loadResult(purchases.manifest.ds, runs, row['whole'] === '1');
  return whyStale(result, { upstream: [purchases, reviews] }) === undefined
    ? { rows: Number(row['metric_rows']), amountSpent: Number(row['amount_spent']) }
    : undefined;
}
