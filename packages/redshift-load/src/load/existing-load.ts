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
  /** Null for a day whose SQL the ledger does not know. */
  readonly loadSql: string | null;
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

/** The facts of the load in the ledger, if it is current, was made with this SQL and its slice is unchanged. */
export function existingLoad(
  row: Row | undefined,
  { purchases, reviews }: Upstreams,
  loadSql: string,
): LoadFacts | undefined {
  if (row === undefined) return undefined;
  const runs = {
    'user_purchase/stage': row['purchases_run'] ?? '',
    'movie_review/stage': row['reviews_run'] ?? '',
  };
  const loadedWith = row['load_sql'] ?? null;
  const result = loadResult(purchases.manifest.ds, runs, {
    isWhole: row['whole'] === '1',
    loadSql: loadedWith,
  });
  const wanted = { upstream: [purchases, reviews], parameters: { loadSql } };
  if (whyStale(result, wanted) !== undefined) return undefined;
  return {
    rows: Number(row['metric_rows']),
    amountSpent: Number(row['amount_spent']),
    loadSql: loadedWith,
  };
}
