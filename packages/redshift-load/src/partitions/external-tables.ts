/** The external tables of the published files. Purchases have one for each kind of file; the manifest of a day says which. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';

/** What `OUTPUT_FORMAT` of extract-purchases makes of a day, as far as a table can tell. */
export type PurchasesFormat = 'text' | 'parquet';

export const purchasesTables: Readonly<Record<PurchasesFormat, string>> = {
  text: 'user_purchase_staging',
  parquet: 'user_purchase_staging_parquet',
};

export const reviewsTable = 'movie_review_clean_stage';

/** Manifests of older releases have no format. */
const formats = new Map<unknown, PurchasesFormat>([
  [undefined, 'text'],
  ['csv', 'text'],
  ['csv.gz', 'text'],
  ['parquet', 'parquet'],
]);

/** @throws a data failure if a newer release wrote the files in a format that this one does not load. */
export function formatOfPurchases({ dataset, ds, parameters }: Manifest): PurchasesFormat {
  const name = parameters['format'];
  const format = formats.get(name);
  if (format !== undefined) return format;
  throw new Failure(
    'data',
    `the manifest of ${dataset} ${ds} has the format ${JSON.stringify(name)}, expected csv, csv.gz or parquet`,
    {
      action: 'load the day with the release that extracted it, or extract it again with this one',
    },
  );
}
