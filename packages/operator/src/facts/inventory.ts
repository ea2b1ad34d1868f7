/** Lists what the bucket holds for each day: one listing per folder, 1,000 objects per request. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import type { rejectsFolders } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import {
  type Bucket,
  listObjects,
  type StoredObject,
} from '@user-behaviour/shared/s3/list-objects';

/** The objects of one day. */
export interface DayFolder {
  manifest: StoredObject | undefined;
  lease: StoredObject | undefined;
  /** Everything that each run has written, by run. */
  readonly runs: Map<string, StoredObject[]>;
}

/** The first and the last day; both are optional. */
export interface Bounds {
  readonly from?: Ds | undefined;
  readonly to?: Ds | undefined;
}

export type Inventory = ReadonlyMap<Ds, DayFolder>;

/** Fails if the bucket cannot be listed. The reply also carries S3's time. */
export async function requireBucket({ s3, bucket }: Bucket): Promise<void> {
  await attempt(`list s3://${bucket}/`, () =>
    s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 })),
  );
}

/** The days of a dataset. Objects outside `{ds}/` do not belong to the pipeline and are left out. */
export async function takeInventory(
  where: Bucket,
  folder: Dataset | (typeof rejectsFolders)[keyof typeof rejectsFolders],
  { from, to }: Bounds,
): Promise<Inventory> {
  const days = new Map<Ds, DayFolder>();
  const after = from === undefined ? undefined : `${folder}/${from}`;
  for await (const object of listObjects(where, `${folder}/`, after)) {
    const [ds = '', second = '', ...rest] = object.key.slice(folder.length + 1).split('/');
    if (!isDs(ds)) continue;
    if (to !== undefined && ds > to) break;
    let day = days.get(ds);
    if (day === undefined) {
      day = { manifest: undefined, lease: undefined, runs: new Map<string, StoredObject[]>() };
      days.set(ds, day);
    }
    if (rest.length > 0) {
      const run = day.runs.get(second);
      if (run === undefined) day.runs.set(second, [object]);
      else run.push(object);
    } else if (second === '_manifest.json') day.manifest = object;
    else if (second === '_lease.json') day.lease = object;
  }
  return days;
}
