/** A difference between S3 servers that shows in what a sweep may remove; docs/s3-servers.md. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

/** Whether an object can be removed only if nobody has written it since; a server without that says 501. */
export async function removesByCondition({ client, name, put }: TestBucket): Promise<boolean> {
  await put('probe', 'x');
  try {
    await client.send(new DeleteObjectCommand({ Bucket: name, Key: 'probe', IfMatch: '"other"' }));
  } catch (error) {
    const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
    await client.send(new DeleteObjectCommand({ Bucket: name, Key: 'probe' }));
    return $metadata?.httpStatusCode !== 501;
  }
  throw new Error('S3 removed an object by a condition that does not hold');
}
