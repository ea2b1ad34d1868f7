/** Finds out where the pipeline holds rows of a customer: tables of the warehouse, and runs in the bucket. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import {
  purchasesTables,
  reviewsTable,
} from '@user-behaviour/redshift-load/partitions/external-tables';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import { awsErrorName, awsFailure } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket, StoredObject } from '@user-behaviour/shared/s3/list-objects';
import { plainText } from '@user-behaviour/stage-reviews/plain-text';
import type { OperatorConfiguration } from '../config.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import { holdsCustomer } from './customer-in-file.ts';
import { parquetHoldsCustomer } from './customer-in-parquet.ts';
import { listRuns, type Run } from './list-runs.ts';

/** One place that holds rows of the customer. */
export interface Trace {
  readonly ds: Ds;
  /** A table, or the folder of a run, which ends with a slash. */
  readonly where: string;
  readonly rows: 'customers' | 'purchases' | 'reviews';
  /** Whether readers see it: a table, or the published run and its rejects. */
  readonly isPublished: boolean;
  /** Whether the day is loaded, so that it must be loaded again. */
  readonly isLoaded: boolean;
}

export interface Found {
  readonly traces: readonly Trace[];
  /** Days with cleaned reviews that no table shows, because their run is not published, but for a cleaning in progress. */
  readonly unread: readonly Ds[];
}

/** How many objects are read at once. */
const readers = 8;

const tables = [
  ['public', 'user_behavior_metric', 'customerid', 'customers'],
  ['spectrum', purchasesTables.text, 'customer_id', 'purchases'],
  ['spectrum', purchasesTables.parquet, 'customer_id', 'purchases'],
  ['spectrum', reviewsTable, 'cid', 'reviews'],
] as const;

/**
 * The warehouse is asked for all days. In the bucket, runs are read that no external table shows; with `days`, all
 * runs of these days. Only the warehouse reads cleaned reviews.
 */
export async function findCustomer(
  where: Bucket,
  configuration: OperatorConfiguration,
  customer: string,
  { signal, days }: { readonly signal: AbortSignal; readonly days?: ReadonlySet<Ds> },
): Promise<Found> {
  const [inTables, runs] = await Promise.all([
    searchTables(configuration, customer),
    listRuns(where, configuration),
  ]);
  requireTables(inTables.missing, runs);
  const isRead = ({ ds, isShown }: Run) => (days === undefined ? !isShown : days.has(ds));
  const files = runs
    .filter((run) => isRead(run) && !isCleaned(run))
    .flatMap((run) => run.objects.map((object) => ({ run, object })));
  const read = await mapConcurrently(readers, files, async ({ run, object }) => {
    signal.throwIfAborted();
    return (await objectHolds(where, object, customer)) ? [run] : [];
  });
  const holding = new Set(read.flat());
  for (const run of cleanedHolding(runs, holding)) holding.add(run);
  const unread = runs.filter(
    (run) => isCleaned(run) && !run.isPublished && !run.isShown && !run.isHeld,
  );
  return {
    traces: [...inTables.traces, ...[...holding].map(traceOf)],
    unread: [...new Set(unread.map(({ ds }) => ds))],
  };
}

const isCleaned = ({ folder }: Run): boolean => folder === 'movie_review/stage';

/** Rejects are rows of the stage that rejected them: it must run again. */
export const traceOf = ({ folder, ds, run, isPublished, isLoaded }: Run): Trace => ({
  ...{ ds, isPublished, isLoaded },
  where: `${folder}/${ds}/${run}/`,
  rows: folder.startsWith('user_purchase/') ? 'purchases' : 'reviews',
});

/**
 * Published cleaned reviews that are not loaded yet hold the customer if the reviews that they were made of do. If these
 * are gone, they may.
 */
export function cleanedHolding(runs: readonly Run[], holding: ReadonlySet<Run>): readonly Run[] {
  return runs.filter((run) => {
    if (!isCleaned(run) || !run.isPublished || run.isShown) return false;
    const origin = runs.find(
      (one) => one.folder === 'movie_review/load' && one.ds === run.ds && one.run === run.madeOf,
    );
    return origin === undefined || holding.has(origin);
  });
}

async function searchTables(
  configuration: OperatorConfiguration,
  customer: string,
): Promise<{ readonly traces: readonly Trace[]; readonly missing: readonly string[] }> {
  const found = namedRows(await queryWarehouse(configuration, statement('ddl', 'existing')));
  const existing = new Set(
    found.map((row) => `${row['schema_name'] ?? ''}.${row['table_name'] ?? ''}`),
  );
  const wanted = tables.map(([schema, name, ...rest]) => [`${schema}.${name}`, ...rest] as const);
  const traces = wanted.map(async ([table, column, rows]): Promise<Trace[]> => {
    if (!existing.has(table)) return [];
    const values = { table, customer: column, day: 'insert_date' };
    const query = statement('report', 'days_of_customer', values);
    const days = namedRows(await queryWarehouse(configuration, query, { customer }));
    return days.flatMap(({ ds = '' }) =>
      isDs(ds) ? [{ ds, where: table, rows, isPublished: true, isLoaded: true }] : [],
    );
  });
  const missing = wanted.map(([table]) => table).filter((table) => !existing.has(table));
  return { traces: (await Promise.all(traces)).flat(), missing };
}

/** @throws a configuration failure if a table cannot be seen that ought to show runs, which then nobody would read. */
export function requireTables(missing: readonly string[], runs: readonly Run[]): void {
  const shown = runs.filter(({ isShown }) => isShown);
  // The first load by a release that knows the table of Parquet makes it.
  const hasParquet = shown.some(
    ({ folder, objects }) =>
      folder === 'user_purchase/stage' && objects.some(({ key }) => isParquet(key)),
  );
  const unseen = missing.filter((table) => hasParquet || !table.endsWith(purchasesTables.parquet));
  if (unseen.length === 0 || shown.length === 0) return;
  throw new Failure(
    'configuration',
    `days are loaded, but the user of the warehouse does not see ${unseen.join(', ')}`,
    {
      action:
        'grant the user the rights of a query on them, or, if they are gone, load the days again with FORCE=1; then erase again',
    },
  );
}

const isParquet = (key: string): boolean => key.endsWith('.parquet');

/** An object that has gone since the listing holds nothing. */
async function objectHolds(
  { s3, bucket }: Bucket,
  { key: Key, bytes }: StoredObject,
  customer: string,
): Promise<boolean> {
  if (bytes === 0) return false;
  const uri = s3Uri(bucket, Key);
  const get = async (Range?: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key, Range }));
    if (Body === undefined) throw new Failure('transient', `the response for ${uri} has no body`);
    return Body;
  };
  const slice = async (start: number, end = bytes) => {
    const body = await get(`bytes=${String(start)}-${String(end - 1)}`);
    return new Uint8Array(await body.transformToByteArray()).buffer;
  };
  try {
    if (isParquet(Key)) return await parquetHoldsCustomer({ byteLength: bytes, slice }, customer);
    const content = (await get()) as AsyncIterable<Uint8Array>;
    return await holdsCustomer(plainText(uri, content), customer);
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchKey') return false;
    throw awsFailure(`read ${uri}`, error);
  }
}
