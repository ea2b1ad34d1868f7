/** The keys in a bucket without released leases. */
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { parseLease } from '@user-behaviour/shared/manifest/lease-record';

/** All keys under the prefix except released leases, which remain if the server has no conditional delete. */
export async function remainingKeys(bucket: TestBucket, prefix = ''): Promise<readonly string[]> {
  const keys = await bucket.keys(prefix);
  const remains = await Promise.all(
    keys.map(
      async (key) =>
        !key.endsWith('/_lease.json') || parseLease(await bucket.text(key), key).released !== true,
    ),
  );
  return keys.filter((_, index) => remains[index]);
}
