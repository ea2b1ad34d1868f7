/** An object of the bucket as it was listed, read from its beginning to its end: all of its bytes and no others. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { Bucket, Listed } from './folder.ts';

/**
 * What was cut or changed on its way is transient: the length is that of the listing, and where the
 * server keeps a checksum, the client compares it. The listed version and no other: an object that
 * is being replaced fails the run.
 */
export async function readWhole(
  { s3, bucket }: Bucket,
  { key, bytes, etag }: Listed,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const uri = s3Uri(bucket, key);
  await attempt(`read ${uri}`, async () => {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, ChecksumMode: 'ENABLED' }),
    );
    let found = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      take(chunk);
      found += chunk.length;
    }
    if (found === bytes) return;
    throw new Failure(
      'transient',
      `${uri} came with ${String(found)} bytes; expected ${String(bytes)}`,
    );
  });
}
