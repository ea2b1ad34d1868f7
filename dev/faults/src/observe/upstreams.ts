/** Publishes purchases and cleaned reviews as the upstream jobs do; every day has the same content. */
import { createHash } from 'node:crypto';
import type { Ds } from '@user-behaviour/shared/ds';
import { fileNames, runPrefix } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { reviewsParquet } from './parquet.ts';

export interface Content {
  readonly purchases: readonly (readonly [customer: number, quantity: number, price: string])[];
  readonly reviews: readonly (readonly [customer: number, positive: boolean])[];
}

export class Upstreams {
  readonly #bucket: TestBucket;
  readonly #content: Content;
  readonly #run: string;
  readonly #parquet: Promise<Uint8Array>;

  /** `run` is the upstream jobs' run id. Publishing a day again with another one makes the next generation. */
  constructor(bucket: TestBucket, run: string, content: Content) {
    this.#bucket = bucket;
    this.#run = run;
    this.#content = content;
    this.#parquet = reviewsParquet(content.reviews);
  }

  async publish(ds: Ds): Promise<void> {
    const { purchases, reviews } = this.#content;
    const csv = [
      'invoice_number,stock_code,detail,quantity,invoice_date,unit_price,customer_id,country',
      ...purchases.map(
        ([customer, quantity, price], at) =>
          `${at + 1},85123A,"a, b",${quantity},${ds} 08:26:00,${price},${customer},France`,
      ),
      '',
    ].join('\n');
    await Promise.all([
      this.#one(
        'user_purchase/stage',
        ds,
        fileNames.purchases,
        Buffer.from(csv),
        purchases.length,
        {
          minQuantity: 2,
        },
      ),
      this.#one(
        'movie_review/stage',
        ds,
        'part-00000-4f1c.snappy.parquet',
        await this.#parquet,
        reviews.length,
        {},
      ),
    ]);
  }

  async #one(
    dataset: Dataset,
    ds: Ds,
    name: string,
    body: Uint8Array,
    rows: number,
    parameters: Readonly<Record<string, number>>,
  ): Promise<void> {
    const key = `${runPrefix(dataset, ds, this.#run)}${name}`;
    await this.#bucket.put(key, body);
    const store = new ManifestStore(this.#bucket.client, this.#bucket.name);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const now = new Date();
    await store.publish(
      {
        dataset,
        ds,
        run: this.#run,
        job: { name: 'upstream', version: '0.1.0' },
        parameters,
        upstream: [],
        files: [{ key, bytes: body.length, rows, sha256 }],
        startedAt: now,
        finishedAt: now,
      },
      await store.read(dataset, ds),
    );
  }
}
