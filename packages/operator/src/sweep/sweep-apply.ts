/** Removes what a sweep has found; checks each item again just before. */
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
} from '@aws-sdk/client-s3';
import { attempt, awsErrorName, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { isHeld } from '@user-behaviour/shared/manifest/lease-record';
import { type Bucket, listObjects } from '@user-behaviour/shared/s3/list-objects';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { readLease } from '../facts/leases.ts';
import type { Garbage, GarbageFolder, GarbageLease, GarbageUpload } from './garbage.ts';

/** `left`: the item came back into use after the search. */
export interface Removal {
  readonly garbage: Garbage;
  readonly outcome: 'removed' | 'left' | Failure;
}

interface Sweeping {
  /** S3's clock, by which leases expire. */
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

type Timed = Bucket & Pick<Sweeping, 'now'>;

/** How many items are removed at once. */
const removers = 8;

/** A failed removal does not stop the others. */
export async function removeGarbage(
  where: Bucket,
  garbage: readonly Garbage[],
  { now, signal }: Sweeping,
): Promise<Removal[]> {
  return mapConcurrently(removers, garbage, async (item) => {
    try {
      signal.throwIfAborted();
      return {
        garbage: item,
        outcome: (await remove({ ...where, now }, item)) ? 'removed' : 'left',
      };
    } catch (error) {
      return { garbage: item, outcome: asFailure(error) };
    }
  });
}

function remove(where: Timed, item: Garbage): Promise<boolean> {
  switch (item.kind) {
    case 'upload':
      return abortUpload(where, item);
    case 'lease':
      return removeLease(where, item);
    case 'run':
    case 'rejects':
    case 'script':
    case 'probe':
    case 'record':
      return removeFolder(where, item);
  }
}

async function removeFolder(where: Timed, folder: GarbageFolder): Promise<boolean> {
  const { s3, bucket } = where;
  if ((await isNamed(where, folder)) || (await isDayHeld(where, folder))) return false;
  const keys: string[] = [];
  for await (const { key, modified } of listObjects(where, folder.where)) {
    if (modified > folder.modified) return false;
    keys.push(key);
  }
  for (let start = 0; start < keys.length; start += 1_000) {
    const Objects = keys.slice(start, start + 1_000).map((Key) => ({ Key }));
    const { Errors = [] } = await attempt(`remove s3://${bucket}/${folder.where}`, () =>
      s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new Failure(
        first.Code === 'AccessDenied' ? 'configuration' : 'transient',
        `could not remove ${String(Errors.length)} objects of s3://${bucket}/${folder.where}: ${String(first.Code)}`,
      );
    }
  }
  if (await isNamed(where, folder)) {
    throw new Failure(
      'data',
      `run ${folder.of?.run ?? ''} of ${folder.of?.ds ?? ''} wrote nothing for longer than OLDER and was published while its files were removed`,
      { action: 'run that day again: it publishes the day again' },
    );
  }
  return true;
}

async function isNamed({ s3, bucket }: Bucket, { of }: GarbageFolder): Promise<boolean> {
  if (of === undefined) return false;
  const published = await new ManifestStore(s3, bucket).read(of.dataset, of.ds);
  return published?.manifest.run === of.run;
}

/** Whether a run has taken the day since the search, perhaps this very run. */
async function isDayHeld(where: Timed, { of }: GarbageFolder): Promise<boolean> {
  if (of === undefined || of.dataset === 'user_purchase/stage') return false;
  const lease = await readLease(where, of.ds);
  return lease !== undefined && isHeld(lease.body, where.now().getTime());
}

async function abortUpload({ s3, bucket }: Bucket, upload: GarbageUpload): Promise<boolean> {
  const { where: Key, uploadId: UploadId } = upload;
  try {
    await attempt(`abort the upload of s3://${bucket}/${Key}`, () =>
      s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
    );
    return true;
  } catch (error) {
    if (error instanceof Failure && awsErrorName(error.cause) === 'NoSuchUpload') return false;
    throw error;
  }
}

/** Removes the lease only if it is unchanged: renewing or taking it over changes its etag. */
async function removeLease({ s3, bucket }: Bucket, lease: GarbageLease): Promise<boolean> {
  const { where: Key, etag: IfMatch } = lease;
  try {
    await attempt(`remove s3://${bucket}/${Key}`, () =>
      s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, IfMatch })),
    );
    return true;
  } catch (error) {
    const status = error instanceof Failure ? httpStatus(error.cause) : undefined;
    // 501: the store has no conditional deletes; an expired lease does no harm.
    if (status === 412 || status === 404 || status === 409 || status === 501) return false;
    throw error;
  }
}
