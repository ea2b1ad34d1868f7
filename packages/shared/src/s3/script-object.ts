/** The Spark script in the bucket: its key contains the SHA-256 of its bytes. */
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Failure } from '../failure.ts';
import { s3Uri } from '../keys.ts';
import { attempt, awsErrorName } from './aws-errors.ts';
import type { Bucket } from './list-objects.ts';

const action = 'remove it if it exists, then run stage-reviews for the day again';

/** @throws a data failure if the script is missing or is not the one that its key names. */
export async function requireScript({ s3, bucket }: Bucket, key: string): Promise<void> {
  const uri = s3Uri(bucket, key);
  const hash = createHash('sha256');
  await attempt(`read ${uri}`, async () => {
    try {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
      );
      for await (const chunk of Body as AsyncIterable<Uint8Array>) hash.update(chunk);
    } catch (error) {
      if (awsErrorName(error) !== 'NoSuchKey') throw error;
      throw new Failure('data', `the Spark script ${uri} does not exist`, { action });
    }
  });
  const found = hash.digest('hex');
  if (key.split('/')[1] === found) return;
  throw new Failure(
    'data',
    `the Spark script ${uri} was replaced: its bytes have the SHA-256 ${found}; expected the one in its key`,
    { action },
  );
}
