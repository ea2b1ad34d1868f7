/** The leases of all days: who holds a day, and what a dead holder has left. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { awsErrorName, awsFailure } from '@user-behaviour/shared/s3/aws-errors';
import type { Ds } from '@user-behaviour/shared/ds';
import { clockMargin, parseLease } from '@user-behaviour/shared/manifest/lease-record';
import { leaseKey, s3Uri } from '@user-behaviour/shared/keys';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Bucket, Inventory } from './inventory.ts';

export interface FoundLease {
  readonly ds: Ds;
  readonly key: string;
  readonly etag: string;
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Let go of before that: where S3 could not remove it, or steps were left to the next run. */
  readonly released: boolean;
}

/** One that has been released since the listing is left out. */
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
    const { run, expiresAt, released = false } = body;
    return { ds, key, etag: ETag, run, expiresAt: Date.parse(expiresAt), released };
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchKey') return undefined;
    throw awsFailure(`read ${uri}`, error);
  }
}

/** Whether its holder may still be at work, by a clock that may differ a little. */
export const isHeld = (
  { expiresAt, released }: Pick<FoundLease, 'expiresAt' | 'released'>,
  now: number,
): boolean => !released && expiresAt + clockMargin > now;
