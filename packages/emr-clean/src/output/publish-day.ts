/** Publishes one day once its steps are done: validates the report, counts the files, writes the manifest. */
import type { Outcome, Session } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import { rejectsPrefix, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import {
  type ManifestStore,
  type Publication,
  upstreamOf,
} from '@user-behaviour/shared/manifest/manifest-store';
import { publishProduct } from '@user-behaviour/shared/produce-day';
import {
  type Bucket,
  listObjects,
  type StoredObject,
} from '@user-behaviour/shared/s3/list-objects';
import type { ReadyDay } from '../input/prepare-day.ts';
import { dataset } from '../input/day-input.ts';
import { deleteFolder } from './folder.ts';
import { parquetFiles } from './parquet-files.ts';
import { parseReport, type Report, reportName, validateReport } from './report.ts';
import { readObject } from './read-object.ts';

export interface PublishContext {
  readonly where: Bucket;
  readonly store: ManifestStore;
  readonly session: Session;
}

/** The folders that a run writes for one day: its Parquet files with the report, and its rejects. */
export const runFolders = ({ input: { day } }: ReadyDay): readonly string[] => [
  runPrefix(dataset, day.ds, day.run),
  rejectsPrefix(dataset, day.ds, day.run),
];

export async function publishDay(ready: ReadyDay, context: PublishContext): Promise<Outcome> {
  const { where, store, session } = context;
  const { input, lease, startedAt } = ready;
  const { ds, run } = input.day;
  const prefix = runPrefix(dataset, ds, run);
  const objects = await Array.fromAsync(listObjects(where, prefix));
  const report = await readReport(where, `${prefix}${reportName}`, objects);
  validateReport(report, {
    ds,
    run,
    rows: input.rows,
    maxRejected: input.parameters.maxRejectedReviews,
    rejects: s3Uri(where.bucket, rejectsPrefix(dataset, ds, run)),
  });

  const files = await parquetFiles(where, prefix, objects);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  if (rows !== report.accepted) {
    throw new Failure(
      'data',
      `the files of ${s3Uri(where.bucket, prefix)} hold ${String(rows)} reviews, but Spark accepted ${String(report.accepted)}; expected the same number`,
    );
  }
  session.signal.throwIfAborted();
  await lease.confirm();
  const rejected = Object.entries(report.rejected).filter(([, lines]) => lines > 0);
  const product = {
    files,
    upstream: [upstreamOf(input.upstream)],
    rejected: Object.fromEntries(rejected),
  };
  const discard = async () => {
    for (const folder of runFolders(ready)) await deleteFolder(where, folder);
  };
  const facts = (status: Publication['status']) =>
    status === 'published' ? { positive: report.positive } : {};
  return publishProduct(
    input.day,
    {
      ...{ store, session, dataset, discard, facts },
      parameters: input.parameters,
      upstream: [input.upstream],
    },
    { product, previous: input.previous, startedAt },
  );
}

async function readReport(
  where: Bucket,
  key: string,
  objects: readonly StoredObject[],
): Promise<Report> {
  const uri = s3Uri(where.bucket, key);
  const object = objects.find((candidate) => candidate.key === key);
  if (object === undefined) {
    throw new Failure('transient', `${uri} is missing although the step that copies it completed`, {
      action: 'run the day again with another --run-id, or with none',
    });
  }
  const chunks: Uint8Array[] = [];
  await readObject(where, object, (chunk) => chunks.push(chunk));
  return parseReport(Buffer.concat(chunks).toString(), uri);
}
