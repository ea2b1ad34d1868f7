/** What one test needs of the source and the stages: a database with the table, and a bucket. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import type { Variables } from './job-container.ts';

const ddl = readFileSync(
  join(import.meta.dirname, '../../sql/source/001_user_purchase.sql'),
  'utf8',
);

export interface PipelineFixture extends AsyncDisposable {
  readonly bucket: TestBucket;
  readonly database: TestDatabase;
  /** The variables of all four jobs; the vendor's file of a day is `vendor/{ds}.csv` in the bucket. */
  readonly env: Variables;
  readonly makeTable: () => Promise<void>;
  /** Multipart uploads that are open in the bucket. */
  readonly openUploads: () => Promise<number>;
}

/** With the source's table, still empty. */
export async function openPipelineFixture(cloud: Pick<TestCloud, 'env'>): Promise<PipelineFixture> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase(cloud));
  const bucket = stack.use(await freshBucket(cloud));
  await database.query(ddl);
  const all = stack.move();
  const sources = {
    SOURCE_DATABASE_URL: database.url,
    REVIEWS_SOURCE: `s3://${bucket.name}/vendor/{ds}.csv`,
  };
  return {
    bucket,
    database,
    env: { ...bucket.env, ...sources },
    makeTable: async () => {
      await database.query(ddl);
    },
    openUploads: async () => {
      const found = await bucket.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket.name }),
      );
      return found.Uploads?.length ?? 0;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
