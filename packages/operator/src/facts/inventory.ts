/** Lists what the bucket holds for each day: one listing per folder, 1,000 objects per request. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { daysFrom, type Ds, isDs } from '@user-behaviour/shared/ds';
import type { rejectsFolders } from '@user-behaviour/shared/keys';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import {
  type Bucket,
  listFolders,
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

type Folder = Dataset | (typeof rejectsFolders)[keyof typeof rejectsFolders];

/** Days whose objects one listing walks through, a thousand a request. */
const longestListing = 100;
/** Listings at once. */
const listings = 16;

/**
 * The days of a dataset. Objects outside `{ds}/` do not belong to the pipeline and are left out. A long history is
 * listed in parts, side by side: first its days, then what each part of them holds.
 */
export async function takeInventory(
  where: Bucket,
  folder: Folder,
  bounds: Bounds,
): Promise<Inventory> {
  const { from, to } = bounds;
  const isShort =
    from !== undefined &&
    to !== undefined &&
    daysFrom(from, to, longestListing + 1).length <= longestListing;
  if (isShort) return listDays(where, folder, bounds);
  const days = (await listFolders(where, `${folder}/`))
    .filter(isDs)
    .filter((ds) => (from === undefined || ds >= from) && (to === undefined || ds <= to));
  const parts = Array.from({ length: Math.ceil(days.length / longestListing) }, (_, index) =>
    days.slice(index * longestListing, (index + 1) * longestListing),
  );
  const found: Inventory[] = [];
  await mapConcurrently(listings, [...parts.entries()], async ([index, part]) => {
    found[index] = await listDays(where, folder, { from: part[0], to: part.at(-1) });
  });
  return new Map(found.flatMap((part) => [...part]));
}

async function listDays(where: Bucket, folder: Folder, { from, to }: Bounds): Promise<Inventory> {
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
