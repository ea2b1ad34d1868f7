/** A source and a stage for one test: a database with the table, and an empty bucket. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { type Manifest, parseManifest } from '@user-behaviour/shared/manifest/manifest';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** SQL that creates the schema, the table and its index. */
export const tableDdl = readFileSync(
  join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql'),
  'utf8',
);

export const stage = 'user_purchase/stage';
export const fileName = 'temp_filtered_user_purchase.csv';

export interface Fixture extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly bucket: TestBucket;
  readonly env: Readonly<Record<string, string>>;
  readonly manifest: (ds: string) => Promise<Manifest>;
  /** Returns the number of open multipart uploads in the bucket. */
  readonly openUploads: () => Promise<number>;
  /** Returns what the job's sessions at the source are doing. */
  readonly sessions: () => Promise<readonly unknown[]>;
}

export async function openFixture(
  cloud: TestCloud,
  { table = true }: { readonly table?: boolean } = {},
): Promise<Fixture> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase(cloud));
  const bucket = stack.use(await freshBucket(cloud));
  if (table) await database.query(tableDdl);
  const all = stack.move();
  return {
    database,
    bucket,
    env: { ...bucket.env, SOURCE_DATABASE_URL: database.url },
    manifest: async (ds) => {
      const key = `${stage}/${ds}/_manifest.json`;
      return parseManifest(await bucket.text(key), key);
    },
    openUploads: async () => {
      const found = await bucket.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket.name }),
      );
      return found.Uploads?.length ?? 0;
    },
    sessions: () =>
      database.query(
        `select application_name, state, wait_event from pg_stat_activity
         where datname = current_database() and application_name like 'extract-purchases%'`,
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Returns the SQL that inserts one row. */
export const insertRow = (
  time: string,
  {
    invoice = '536365',
    detail = 'WHITE METAL LANTERN',
    quantity = 6,
    customer = '17850',
  }: {
    invoice?: string;
    detail?: string;
    quantity?: number;
    customer?: string;
  } = {},
) =>
  `insert into retail.user_purchase values
   ('${invoice}', '71053', $text$${detail}$text$, ${quantity}, '${time}', 3.39, ${customer}, 'United Kingdom')`;

/** Returns what PostgreSQL's own COPY writes for a query, as CSV with a header. */
export async function copyOut(database: TestDatabase, query: string): Promise<Buffer> {
  // Otherwise a scan may start where another one is.
  const options = '-c synchronize_seqscans=off';
  const client = new pg.Client({ connectionString: database.url, options });
  await client.connect();
  try {
    const stream = client.query(copyTo(`copy (${query}) to stdout (format csv, header)`));
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await client.end();
  }
}

/**
 * Loads a CSV with a header into a table with PostgreSQL's own COPY.
 * @throws if COPY does not accept it as CSV.
 */
export async function copyIn(
  database: TestDatabase,
  table: string,
  csv: Uint8Array,
): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const stream = client.query(copyFrom(`copy ${table} from stdin (format csv, header)`));
    await pipeline([csv], stream);
  } finally {
    await client.end();
  }
}
