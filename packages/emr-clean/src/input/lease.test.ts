import { PutObjectCommand } from '@aws-sdk/client-s3';
import { leaseKey } from '@user-behaviour/shared/keys';
import { describe, expect, it } from 'vitest';
import { ds, silentLog } from '../../test/day-fixture.ts';
import { InMemoryBucket } from '../../test/in-memory-bucket.ts';
import { Lease } from './lease.ts';

const take = (bucket: InMemoryBucket, owner: string) =>
  Lease.take(ds, {
    ...bucket.where,
    run: `run-of-${owner}`,
    owner,
    life: 60_000,
    now: () => new Date(),
    log: silentLog,
  });

describe('Lease.take', () => {
  it('returns the content of a lease that another process holds', async () => {
    const bucket = new InMemoryBucket();
    const lease = await take(bucket, 'a');
    expect(await take(bucket, 'b')).toMatchObject({ owner: 'a', run: 'run-of-a' });
    if (lease instanceof Lease) await lease.release();
    expect(bucket.text(leaseKey('movie_review/stage', ds))).toBeUndefined();
  });

  it('takes a lease that its own write created although S3 reported a conflict', async () => {
    const bucket = new InMemoryBucket();
    bucket.after = (command) => {
      if (!(command instanceof PutObjectCommand)) return;
      bucket.after = () => undefined;
      const conflict = { name: 'ConditionalRequestConflict', $metadata: { httpStatusCode: 409 } };
      throw Object.assign(new Error('conflict'), conflict);
    };
    const lease = await take(bucket, 'a');
    expect(lease).toBeInstanceOf(Lease);
    if (lease instanceof Lease) await lease.release();
  });
});
