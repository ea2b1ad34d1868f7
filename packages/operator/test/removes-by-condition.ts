/** A difference between S3 servers that affects what a sweep can remove; see docs/s3-servers.md. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

/** Whether the server supports conditional deletes; one without them replies 501. */
export async function removesByCondition({ client, name, put }: TestBucket): Promise<boolean> {
  await put('probe', 'x');
  try {
    await client.send(new DeleteObjectCommand({ Bucket: name, Key: 'probe', IfMatch: '"other"' }));
  } catch (error) {
    const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
    await client.send(new DeleteObjectCommand({ Bucket: name, Key: 'probe' }));
    return $metadata?.httpStatusCode !== 501;
  }
  throw new Error('S3 removed an object although the condition was not met');
}
