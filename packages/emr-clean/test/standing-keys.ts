/** What stands in the bucket: a lease that was let go does not. */
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { parseLease } from '@user-behaviour/shared/manifest/lease-record';

/** All keys below the prefix; where S3 cannot remove a lease, one that was let go stays and does not count. */
export async function standingKeys(bucket: TestBucket, prefix = ''): Promise<readonly string[]> {
  const keys = await bucket.keys(prefix);
  const stands = await Promise.all(
    keys.map(
      async (key) =>
        !key.endsWith('/_lease.json') || parseLease(await bucket.text(key), key).released !== true,
    ),
  );
  return keys.filter((_, index) => stands[index]);
}
