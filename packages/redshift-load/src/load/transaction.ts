/** The loads of a set of days as data: their transaction, its parameters and the locations of partitions; pure. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Day } from '@user-behaviour/shared/runner/job';
import { runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { partialUntil } from '@user-behaviour/shared/manifest/partial-day';
import {
  forDays,
  forDaysAt,
  type Parameters,
  parametersOfDays,
  type Statement,
  statement,
} from '../data-api/sql.ts';
import { firstAndLast } from '../data-api/names.ts';
import { loadSqlOf } from './load-sql.ts';
import { formatOfPurchases, type PurchasesFormat } from '../partitions/external-tables.ts';
import type { Upstreams } from './upstreams.ts';

export interface PlannedLoad {
  readonly day: Day;
  readonly upstreams: Upstreams;
  /** Of the published purchases. */
  readonly format: PurchasesFormat;
  /** Of the published runs, for the external partitions. */
  readonly locations: { readonly purchases: string; readonly reviews: string };
  /** Of this day alone: what its manifests say. */
  readonly parameters: Parameters;
}

/** The days that one transaction loads together, oldest first: all of them or none. A single day is a set of one. */
export type LoadSet = readonly [PlannedLoad, ...PlannedLoad[]];

export function wholeSet(loads: readonly PlannedLoad[]): LoadSet {
  const [first, ...others] = loads.toSorted((a, b) => (a.day.ds < b.day.ds ? -1 : 1));
  if (first === undefined) throw new Failure('bug', 'a set without days');
  return [first, ...others];
}

/** The first and the last of the days, as parameters of a query about all of them. */
export function rangeParameters(days: readonly Day[]): Parameters {
  const [first, last] = firstAndLast(days);
  return { first_ds: first.ds, last_ds: last.ds };
}

const location = (bucket: string, { manifest }: Published): string =>
  s3Uri(bucket, runPrefix(manifest.dataset, manifest.ds, manifest.run));

/** The statement that makes the rows of the metric. */
export const insertDays = (): Statement => statement('load', '050_insert_days');

/**
 * For a set of days whose purchases have these formats, in the order in which they are sent: lock, read, audit, replace,
 * audit, ledger, summary. The purchases of each day are read from the table of their format.
 */
export function loadStatements(
  formats: readonly PurchasesFormat[] = ['text'],
): readonly Statement[] {
  const daysIn = (format: PurchasesFormat) =>
    formats.flatMap((one, index) => (one === format ? [index] : []));
  const purchases = [
    forDaysAt(statement('load', '021_fill_purchase_day'), daysIn('text')),
    forDaysAt(statement('load', '022_fill_purchase_day_of_parquet'), daysIn('parquet')),
  ];
  const statements = [
    statement('load', '010_lock'),
    statement('load', '011_planned_day'),
    statement('load', '012_fill_planned_day'),
    statement('audit', '010_moves_forward'),
    statement('load', '020_purchase_day'),
    ...purchases.filter((one) => one !== undefined),
    statement('load', '030_review_day'),
    statement('load', '031_fill_review_day'),
    statement('audit', '020_purchases_conserved'),
    statement('audit', '021_purchases_of_published_run'),
    statement('audit', '022_amounts_fit'),
    statement('audit', '030_reviews_conserved'),
    statement('audit', '031_reviews_of_published_run'),
    statement('load', '040_delete_days'),
    insertDays(),
    statement('audit', '040_one_row_per_customer'),
    statement('audit', '050_amount_not_inflated'),
    statement('load', '060_delete_ledger'),
    statement('load', '070_insert_ledger'),
    statement('load', '071_delete_day_counts'),
    statement('load', '072_insert_day_counts'),
    statement('load', '080_summary'),
    statement('load', '090_drop_purchase_day'),
    statement('load', '091_drop_review_day'),
    statement('load', '092_drop_planned_day'),
  ];
  return statements.map((one) => forDays(one, formats.length));
}

let ofThisRelease: string | undefined;

/** The SQL of this release, as the ledger keeps it: of both formats, and the number of days does not count. */
export const currentLoadSql = (): string =>
  (ofThisRelease ??= loadSqlOf(loadStatements(['text', 'parquet'])));

/** The values of the whole set, under the names that `loadStatements` has for its days. */
export const parametersOfSet = (set: LoadSet): Parameters => ({
  run: set[0].day.run,
  ...rangeParameters(set.map(({ day }) => day)),
  load_sql: currentLoadSql(),
  ...parametersOfDays(set.map(({ parameters }) => parameters)),
});

export function planLoad(day: Day, bucket: string, upstreams: Upstreams): PlannedLoad {
  const { purchases, reviews } = upstreams;
  const purchasesLocation = location(bucket, purchases);
  const reviewsLocation = location(bucket, reviews);
  return {
    day,
    upstreams,
    format: formatOfPurchases(purchases.manifest),
    locations: { purchases: purchasesLocation, reviews: reviewsLocation },
    parameters: {
      ds: day.ds,
      purchases_location: purchasesLocation,
      purchases_run: purchases.manifest.run,
      purchases_generation: String(purchases.manifest.generation),
      purchase_rows: String(purchases.manifest.totals.rows),
      purchases_rejected: String(purchases.manifest.totals.rejected),
      purchases_below_quantity: String(purchases.manifest.totals.belowQuantity ?? 'unknown'),
      complete_until: completeUntil(purchases),
      min_quantity: String(minQuantity(purchases)),
      reviews_location: reviewsLocation,
      reviews_run: reviews.manifest.run,
      reviews_generation: String(reviews.manifest.generation),
      reviews_rejected: String(reviews.manifest.totals.rejected),
      review_rows: String(reviews.manifest.totals.rows),
    },
  };
}

/** As Redshift reads a timestamp; `complete` for a complete day. */
const completeUntil = ({ manifest }: Published): string =>
  partialUntil(manifest)?.toISOString().replace('T', ' ').slice(0, -1) ?? 'complete';

function minQuantity({ manifest }: Published): number {
  const value = manifest.parameters['minQuantity'];
  if (typeof value === 'number') return value;
  throw new Failure(
    'data',
    `the manifest of ${manifest.dataset} ${manifest.ds} has no minQuantity`,
  );
}
