/** Stores the Spark script in S3 under its content hash, so that it never changes during a step. */
import { createHash } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { asset } from '@user-behaviour/shared/asset';
import { attempt, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { requireScript } from '@user-behaviour/shared/s3/script-object';
import { s3Uri, scriptKey } from '@user-behaviour/shared/keys';
import { backoff } from '@user-behaviour/shared/waiting';

export interface SparkScript {
  readonly key: string;
  readonly text: string;
}

export function sparkScript(): SparkScript {
  const text = asset('spark/random_text_classification.py');
  return { key: scriptKey(createHash('sha256').update(text).digest('hex')), text };
}

/** The maximum number of attempts if concurrent writes conflict. */
const attempts = 5;

/**
 * If the key exists with the same bytes, the upload succeeds.
 * @throws a data failure if it exists with other bytes.
 */
export async function uploadScript(
  s3: S3Client,
  bucket: string,
  script: SparkScript,
): Promise<void> {
  const put = () =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: script.key,
        Body: script.text,
        ContentType: 'text/x-python; charset=utf-8',
        IfNoneMatch: '*',
      }),
    );
  await attempt(`write ${s3Uri(bucket, script.key)}`, async () => {
    for (let left = attempts - 1; ; left -= 1) {
      try {
        await put();
        return;
      } catch (error) {
        const status = httpStatus(error);
        if (status === 412) {
          await requireScript({ s3, bucket }, script.key);
          return;
        }
        // If several days or runs write it at once, S3 may return 409 to all but one.
        if (status !== 409 || left === 0) throw error;
        await backoff(attempts - left);
      }
    }
  });
}
