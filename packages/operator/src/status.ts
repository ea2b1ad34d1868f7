/** What is there for each day: staged, cleaned, loaded, with which parameters, and whether the load is up to date. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/aws-failure';
import { createS3Client } from '@user-behaviour/shared/aws-client';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { type Dataset, datasets } from '@user-behaviour/shared/keys';
import { ManifestStore, type Published } from '@user-behaviour/shared/manifest-store';
import type { OperatorConfiguration } from './config.ts';
import { type Cell, formatTable } from './table.ts';
import { queryWarehouse } from './warehouse-query.ts';

export interface LedgerRow {
  readonly purchasesRun: string;
  readonly reviewsRun: string;
  readonly rows: number;
  readonly amountSpent: string;
  readonly minQuantity: number;
  readonly loadedAt: string;
}

export interface DayStatus {
  readonly ds: Ds;
  readonly purchases: Published | undefined;
  readonly load: Published | undefined;
  readonly reviews: Published | undefined;
  readonly ledger: LedgerRow | undefined;
}

/** One word for a day; `stale` when an upstream has been published anew since the load. */
export function verdict({ purchases, load, reviews, ledger }: DayStatus): string {
  if (ledger === undefined) {
    if (purchases !== undefined && reviews !== undefined) return 'not loaded';
    const nothing = purchases === undefined && load === undefined && reviews === undefined;
    return nothing ? 'missing' : 'incomplete';
  }
  return ledger.purchasesRun === purchases?.manifest.run &&
    ledger.reviewsRun === reviews?.manifest.run
    ? 'loaded'
    : 'stale';
}

/** Days at a time whose manifests are read. */
const parallel = 16;

/** Every day between the bounds that has anything; with both bounds, also the days that have nothing. */
export async function readStatus(
  configuration: OperatorConfiguration,
  from: Ds | undefined,
  to: Ds | undefined,
  wanted: readonly Ds[] | undefined,
): Promise<DayStatus[]> {
  const s3 = createS3Client(configuration);
  try {
    const store = new ManifestStore(s3, configuration.PIPELINE_BUCKET);
    const [present, ledger] = await Promise.all([
      Promise.all(datasets.map((dataset) => listDays(s3, configuration.PIPELINE_BUCKET, dataset))),
      readLedger(configuration),
    ]);
    const days = [...new Set(wanted ?? [...present.flat(), ...ledger.keys()])]
      .filter((ds) => (from === undefined || ds >= from) && (to === undefined || ds <= to))
      .sort();
    const found: DayStatus[] = [];
    for (let start = 0; start < days.length; start += parallel) {
      const read = days.slice(start, start + parallel).map(async (ds): Promise<DayStatus> => {
        const [purchases, load, reviews] = await Promise.all([
          store.read('user_purchase/stage', ds),
          store.read('movie_review/load', ds),
          store.read('movie_review/stage', ds),
        ]);
        return { ds, purchases, load, reviews, ledger: ledger.get(ds) };
      });
      found.push(...(await Promise.all(read)));
    }
    return found;
  } finally {
    s3.destroy();
  }
}

async function listDays(
  s3: ReturnType<typeof createS3Client>,
  bucket: string,
  dataset: Dataset,
): Promise<Ds[]> {
  const days: Ds[] = [];
  let next: string | undefined;
  do {
    const page = await attempt(`list s3://${bucket}/${dataset}/`, () =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: `${dataset}/`,
          Delimiter: '/',
          ...(next === undefined ? {} : { ContinuationToken: next }),
        }),
      ),
    );
    for (const { Prefix } of page.CommonPrefixes ?? []) {
      const ds = Prefix?.split('/').at(-2) ?? '';
      if (isDs(ds)) days.push(ds);
    }
    next = page.NextContinuationToken;
  } while (next !== undefined);
  return days;
}

async function readLedger(configuration: OperatorConfiguration): Promise<Map<Ds, LedgerRow>> {
  const exists = await queryWarehouse(
    configuration,
    "select count(*) as tables from svv_tables where table_schema = 'public' and table_name = 'user_behavior_metric_load'",
  );
  const ledger = new Map<Ds, LedgerRow>();
  if (exists.rows[0]?.[0] !== '1') return ledger;
  const { rows } = await queryWarehouse(
    configuration,
    'select cast(ds as varchar), purchases_run, reviews_run, metric_rows, amount_spent, min_quantity, loaded_at from public.user_behavior_metric_load order by ds',
  );
  for (const [ds = '', purchasesRun, reviewsRun, metricRows, amount, minimum, loadedAt] of rows) {
    const day = String(ds).slice(0, 10);
    if (!isDs(day)) continue;
    ledger.set(day, {
      purchasesRun: String(purchasesRun),
      reviewsRun: String(reviewsRun),
      rows: Number(metricRows),
      amountSpent: Number(amount).toFixed(2),
      minQuantity: Number(minimum),
      loadedAt: String(loadedAt),
    });
  }
  return ledger;
}

/** The table that `make status` prints. Ages count from the load, in UTC. */
export function statusTable(days: readonly DayStatus[], now: Date): string {
  const rows = days.map((day): Cell[] => [
    day.ds,
    verdict(day),
    day.purchases?.manifest.totals.rows,
    minQuantityOf(day.purchases),
    day.load?.manifest.totals.rows,
    day.reviews?.manifest.totals.rows,
    day.reviews?.manifest.totals.rejected,
    day.ledger?.rows,
    day.ledger?.amountSpent,
    day.ledger?.minQuantity,
    day.ledger === undefined ? undefined : age(day.ledger.loadedAt, now),
  ]);
  return formatTable(
    [
      'ds',
      'state',
      'purchases',
      'min quantity',
      'reviews',
      'cleaned',
      'rejected',
      'customers',
      'amount',
      'loaded min quantity',
      'age',
    ],
    rows,
  );
}

function minQuantityOf(published: Published | undefined): number | undefined {
  const value = published?.manifest.parameters['minQuantity'];
  return typeof value === 'number' ? value : undefined;
}

function age(loadedAt: string, now: Date): string {
  const minutes = Math.floor(
    (now.getTime() - Date.parse(`${loadedAt.replace(' ', 'T')}Z`)) / 60_000,
  );
  if (Number.isNaN(minutes)) return '';
  if (minutes < 60) return `${String(Math.max(0, minutes))} min`;
  return minutes < 2_880
    ? `${String(Math.floor(minutes / 60))} h`
    : `${String(Math.floor(minutes / 1_440))} d`;
}
