/** What lies in the bucket for each day: one listing a folder, a thousand objects a request. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import {
  type Bucket,
  listObjects,
  type StoredObject,
} from '@user-behaviour/shared/s3/list-objects';

/** What lies under one day. */
export interface DayFolder {
  manifest: StoredObject | undefined;
  lease: StoredObject | undefined;
  /** By run: everything that the run has written there. */
  readonly runs: Map<string, StoredObject[]>;
}

/** Days from the first to the last; a bound that is missing does not bound. */
export interface Bounds {
  readonly from?: Ds | undefined;
  readonly to?: Ds | undefined;
}

export type Inventory = ReadonlyMap<Ds, DayFolder>;

/** Fails where the bucket cannot be listed. Its answer tells S3's time, too. */
export async function requireBucket({ s3, bucket }: Bucket): Promise<void> {
  await attempt(`list s3://${bucket}/`, () =>
    s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 })),
  );
}

/** A dataset's days. What does not lie under `{ds}/` is none of ours and left out. */
export async function takeInventory(
  where: Bucket,
  folder: Dataset | 'movie_review/rejects',
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
