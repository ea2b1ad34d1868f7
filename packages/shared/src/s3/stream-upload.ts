/** Uploads a stream of unknown length as one object, in parts, with constant memory and end-to-end checks. */
import { createHash } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from './aws-errors.ts';
import { s3Uri } from '../keys.ts';
import { partSize } from './part-size.ts';
import { PartStore, type UploadTarget } from './part-store.ts';

export interface Uploaded {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Stores the body under a new key. S3 checks the CRC-32 of each part and of the whole object. A HEAD
 * request then verifies the stored object. If the key already has the same content, the call succeeds.
 * If the content differs, the call fails, because a run's files never change (I1).
 */
export async function uploadStream(
  target: UploadTarget,
  body: AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const hash = createHash('sha256');
  const parts = new PartStore(target);
  let buffer = partBuffer(partSize(1));
  let spare: Buffer | undefined;
  let filled = 0;
  try {
    for await (const chunk of body) {
      target.signal.throwIfAborted();
      for (let offset = 0; offset < chunk.length;) {
        if (filled === buffer.length) {
          await parts.store(buffer);
          // The previous part is now stored, so its buffer is free again.
          [buffer, spare] = [partBuffer(partSize(parts.next), spare), buffer];
          filled = 0;
        }
        const piece = chunk.subarray(offset, offset + buffer.length - filled);
        buffer.set(piece, filled);
        hash.update(piece);
        filled += piece.length;
        offset += piece.length;
      }
    }
    target.signal.throwIfAborted();
    await parts.finish(buffer.subarray(0, filled));
  } catch (error) {
    await parts.abandon();
    throw error;
  }
  return { key: target.key, bytes: parts.bytes, sha256: hash.digest('hex') };
}

/** Reuses two buffers, because new ones would accumulate faster than they are collected. */
const partBuffer = (size: number, spare?: Buffer): Buffer =>
  spare?.length === size ? spare : Buffer.allocUnsafe(size);

/** Removes this run's files if another run's result remains published. */
export async function discard(
  { s3, bucket }: Pick<UploadTarget, 's3' | 'bucket'>,
  keys: readonly string[],
): Promise<void> {
  for (const Key of keys) {
    await attempt(`remove ${s3Uri(bucket, Key)}`, () =>
      s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
    );
  }
}
