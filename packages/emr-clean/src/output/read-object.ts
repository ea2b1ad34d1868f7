/** Reads an object from its first byte to its last and verifies that it arrived intact. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket, StoredObject } from '@user-behaviour/shared/s3/list-objects';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';

/**
 * Passes the object to `onChunk` as it arrives. The length must be the listed one, and the SDK
 * compares the checksum if the server keeps one; a difference is a transient failure. `IfMatch`
 * fails the read if the object was replaced after it was listed.
 */
export async function readObject(
  { s3, bucket }: Bucket,
  { key, bytes, etag }: StoredObject,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  const uri = s3Uri(bucket, key);
  await attempt(`read ${uri}`, async () => {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, ChecksumMode: 'ENABLED' }),
    );
    let received = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      onChunk(chunk);
      received += chunk.length;
    }
    if (received === bytes) return;
    throw new Failure(
      'transient',
      `received ${String(received)} bytes of ${uri}; expected ${String(bytes)}`,
    );
  });
}
