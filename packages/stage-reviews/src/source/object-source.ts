/** The vendor's file in S3, where a write replaces a whole object at once. */
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  attempt,
  awsErrorName,
  awsFailure,
  httpStatus,
} from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import {
  changed,
  complete,
  type ReviewsSource,
  type SourceVariable,
  unreadable,
} from './reviews-source.ts';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

export function objectSource(
  name: string,
  where: Place,
  s3: S3Client,
  variable: SourceVariable,
): ReviewsSource {
  return {
    name,
    look: () =>
      attempt(`look for ${name}`, async () => {
        try {
          const { ETag, ContentLength } = await s3.send(new HeadObjectCommand(where));
          if (ETag !== undefined && ContentLength !== undefined) {
            return { version: ETag, bytes: ContentLength };
          }
        } catch (error) {
          const status = httpStatus(error);
          if (status !== 404 && status !== 403) throw error;
          await requireBucket(name, where, s3, variable);
          if (status === 404) return undefined;
          throw error;
        }
        throw new Failure('transient', `the response for ${name} has no ETag or no length`);
      }),
    async *read(look, signal) {
      try {
        const command = new GetObjectCommand({ ...where, IfMatch: look.version });
        const { Body } = await s3.send(command, { abortSignal: signal });
        if (Body === undefined)
          throw new Failure('transient', `the response for ${name} has no body`);
        yield* complete(name, look, Body as AsyncIterable<Uint8Array>);
      } catch (error) {
        signal.throwIfAborted();
        const status = httpStatus(error);
        if (status === 412 || status === 404) throw changed(name, error);
        // The connection may also break in the middle of the body.
        throw awsFailure(`read ${name}`, error);
      }
    },
  };
}

/** A HEAD response tells neither a missing key from a missing bucket nor the missing right; a GET response does. */
async function requireBucket(
  name: string,
  where: Place,
  s3: S3Client,
  variable: SourceVariable,
): Promise<void> {
  try {
    const found = await s3.send(new GetObjectCommand({ ...where, Range: 'bytes=0-0' }));
    await found.Body?.transformToByteArray();
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchBucket') {
      throw unreadable(variable, name, 'no such bucket', error);
    }
    if (httpStatus(error) !== 404) throw error;
  }
}
