/** Purchases and reviews of a day as the upstream jobs publish them: files and manifests. */
import { createHash } from 'node:crypto';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Ds } from '@user-behaviour/shared/ds';
import { runPrefix } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

export interface Purchase {
  readonly detail?: string;
  readonly quantity: number;
  /** As the source has it, up to five decimals. */
  readonly price: string;
  readonly customer?: number;
}

export interface Review {
  readonly customer: number;
  readonly positive: boolean;
}

export interface Staging {
  readonly run?: string;
  /** The count in the manifest, where it must be wrong. */
  readonly rows?: number;
  readonly minQuantity?: number;
  /** As extract-purchases writes it with OUTPUT_FORMAT=csv.gz. */
  readonly compressed?: boolean;
}

/** As PostgreSQL's COPY … csv writes it: quotes only where they are needed, doubled within. */
const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function purchasesCsv(ds: Ds, purchases: readonly Purchase[]): string {
  const header =
    'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country';
  const lines = purchases.map(({ detail = 'a thing', quantity, price, customer }, index) =>
    [
      String(536_365 + index),
      '85123A',
      field(detail),
      String(quantity),
      `${ds} 08:26:00`,
      price,
      customer === undefined ? '' : String(customer),
      'United Kingdom',
    ].join(','),
  );
  return [header, ...lines, ''].join('\n');
}

export async function stagePurchases(
  bucket: TestBucket,
  ds: Ds,
  purchases: readonly Purchase[],
  { run = 'p1', rows = purchases.length, minQuantity = 2, compressed = false }: Staging = {},
): Promise<void> {
  const csv = Buffer.from(purchasesCsv(ds, purchases));
  const [body, name] = compressed
    ? [gzipSync(csv), 'temp_filtered_user_purchase.csv.gz']
    : [csv, 'temp_filtered_user_purchase.csv'];
  await publish(bucket, 'user_purchase/stage', ds, run, { name, body, rows }, { minQuantity });
}

export async function stageReviews(
  bucket: TestBucket,
  ds: Ds,
  reviews: readonly Review[],
  { run = 'r1', rows = reviews.length }: Staging = {},
): Promise<void> {
  const body = await reviewsParquet(reviews);
  const name = 'part-00000-4f1c.snappy.parquet';
  await publish(bucket, 'movie_review/stage', ds, run, { name, body, rows }, {});
}

/** The columns as Spark writes them. */
export async function reviewsParquet(reviews: readonly Review[]): Promise<Uint8Array> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reviews-'));
  const path = join(folder.path, 'part.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run('create table reviews (cid varchar, positive_review boolean)');
    if (reviews.length > 0) {
      const values = reviews.map(({ customer, positive }) => `('${customer}', ${positive})`);
      await connection.run(`insert into reviews values ${values.join(',')}`);
    }
    await connection.run(`copy reviews to '${path}' (format parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return await readFile(path);
}

async function publish(
  bucket: TestBucket,
  dataset: Dataset,
  ds: Ds,
  run: string,
  file: { readonly name: string; readonly body: Uint8Array; readonly rows: number },
  parameters: Readonly<Record<string, number>>,
): Promise<void> {
  const key = `${runPrefix(dataset, ds, run)}${file.name}`;
  await bucket.put(key, file.body);
  const sha256 = createHash('sha256').update(file.body).digest('hex');
  const store = new ManifestStore(bucket.client, bucket.name);
  const { status } = await store.publish(
    {
      dataset,
      ds,
      run,
      job: { name: 'upstream', version: '0.1.0' },
      parameters,
      upstream: [],
      files: [{ key, bytes: file.body.length, rows: file.rows, sha256 }],
      startedAt: new Date(),
      finishedAt: new Date(),
    },
    await store.read(dataset, ds),
  );
  if (status !== 'published') throw new Error(`${dataset} of ${ds} could not be staged: ${status}`);
}
