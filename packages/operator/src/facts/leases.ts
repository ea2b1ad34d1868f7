/** The leases of all days: which run holds a day, and which leases were never released. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { awsErrorName, awsFailure } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { Ds } from '@user-behaviour/shared/ds';
import { type LeaseBody, parseLease } from '@user-behaviour/shared/manifest/lease-record';
import { leaseKey, s3Uri } from '@user-behaviour/shared/keys';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Inventory } from './inventory.ts';

export interface FoundLease {
  readonly ds: Ds;
  readonly key: string;
  readonly etag: string;
  readonly body: LeaseBody;
}

/** Reads the listed leases; one that has disappeared since the listing is left out. */
export async function readLeases(where: Bucket, days: Inventory): Promise<FoundLease[]> {
  const listed = [...days].flatMap(([ds, { lease }]) => (lease === undefined ? [] : [ds]));
  const found = await mapConcurrently(16, listed, (ds) => readLease(where, ds));
  return found.filter((lease) => lease !== undefined);
}

export async function readLease({ s3, bucket }: Bucket, ds: Ds): Promise<FoundLease | undefined> {
  const key = leaseKey('movie_review/stage', ds);
  const uri = s3Uri(bucket, key);
  try {
    const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = parseLease((await Body?.transformToString()) ?? '', uri);
    return { ds, key, etag: ETag, body };
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchKey') return undefined;
    throw awsFailure(`read ${uri}`, error);
  }
}
