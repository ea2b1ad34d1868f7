/** Reads the beginning of an object as text: one request with a range, never the whole object. */
import { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';

/** Bytes of an object that are enough for its first rows. */
const sampleSize = 64 * 1024;

/** What a compressed range may expand to, as a multiple of its size. */
const expansion = 16;

export interface ObjectStart {
  readonly text: string;
  /** Whether the object continues. */
  readonly continues: boolean;
}

/**
 * Returns the text of the first `bytes` bytes, decompressed if they are gzip. Invalid UTF-8 becomes U+FFFD.
 * @throws a data failure if there is no such object or if it is not text.
 */
export async function readObjectStart(
  where: Bucket,
  key: string,
  bytes = sampleSize,
): Promise<ObjectStart> {
  const { body, size } = await readRange(where, key, bytes);
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const limit = bytes * expansion;
  const content = isGzip ? await decompress(body, limit) : body;
  if (content.includes(0)) {
    throw new Failure('data', `${s3Uri(where.bucket, key)} is not text`, {
      action: 'use make show for the rows of a Parquet file',
    });
  }
  const continues = size > body.length || content.length === limit;
  // In a stream, the decoder leaves out a character that the range has cut.
  const text = new TextDecoder('utf-8').decode(content, { stream: continues });
  return { text, continues };
}

async function readRange({ s3, bucket }: Bucket, key: string, bytes: number) {
  const uri = s3Uri(bucket, key);
  try {
    return await attempt(`read ${uri}`, async () => {
      const Range = `bytes=0-${String(bytes - 1)}`;
      const reply = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
      const body = (await reply.Body?.transformToByteArray()) ?? new Uint8Array();
      const size = Number(/\/(\d+)$/.exec(reply.ContentRange ?? '')?.[1] ?? body.length);
      return { body, size };
    });
  } catch (error) {
    const name = awsErrorName(error instanceof Failure ? error.cause : error);
    // An empty object has no range.
    if (name === 'InvalidRange') return { body: new Uint8Array(), size: 0 };
    if (name !== 'NoSuchKey') throw error;
    throw new Failure('data', `there is no object ${uri}`, {
      cause: error,
      action: 'make s3 ARGS="ls …" lists what there is',
    });
  }
}

/** What the bytes contain, up to `limit` bytes; they may end in the middle of the compressed data. */
async function decompress(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  for await (const chunk of Readable.from([bytes]).pipe(gunzip)) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
