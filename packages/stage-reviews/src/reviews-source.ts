/** The vendor's file of one day, on disk or in S3, as a stream of bytes. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  attempt,
  awsErrorName,
  awsFailure,
  httpStatus,
} from '@user-behaviour/shared/s3/aws-errors';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import { waitFor } from '@user-behaviour/shared/waiting';

export interface ReviewsSource {
  /** As a person would name it. */
  readonly name: string;
  /** Undefined while the file is not there; another value once its content may be another. */
  readonly version: () => Promise<string | undefined>;
  /** Ends with an error when the signal aborts. */
  readonly read: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** `template` is REVIEWS_SOURCE. */
export function reviewsSource(template: string, ds: Ds, s3: S3Client): ReviewsSource {
  const name = template.replaceAll('{ds}', ds);
  const object = /^s3:\/\/([^/]+)\/(.+)$/.exec(name);
  return object?.[1] === undefined || object[2] === undefined
    ? fileSource(name)
    : objectSource(name, { Bucket: object[1], Key: object[2] }, s3);
}

function fileSource(path: string): ReviewsSource {
  return {
    name: path,
    async version() {
      try {
        const found = await stat(path, { bigint: true });
        if (!found.isFile()) throw unreadable(path, 'it is no file');
        await access(path, constants.R_OK);
        return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw fileFailure(path, error);
      }
    },
    async *read(signal) {
      try {
        yield* createReadStream(path, { highWaterMark: 1 << 18, signal });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
  };
}

function fileFailure(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined || code === 'ABORT_ERR') return error;
  return unreadable(path, code, error);
}

const unreadable = (file: string, why: string, cause?: unknown) =>
  new Failure('configuration', `the reviews file ${file} cannot be read: ${why}`, {
    cause,
    action: 'correct REVIEWS_SOURCE, or let the job read the file',
  });

function objectSource(
  name: string,
  where: { readonly Bucket: string; readonly Key: string },
  s3: S3Client,
): ReviewsSource {
  return {
    name,
    version: () =>
      attempt(`look for ${name}`, async () => {
        try {
          return etagOf(name, await s3.send(new HeadObjectCommand(where)));
        } catch (error) {
          if (httpStatus(error) !== 404) throw error;
        }
        return appearedSince(name, where, s3);
      }),
    async *read(signal) {
      try {
        const { Body } = await s3.send(new GetObjectCommand(where), { abortSignal: signal });
        if (Body === undefined) throw new Failure('transient', `${name} came without a body`);
        yield* Body as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        // The connection may also break in the middle of the body.
        throw awsFailure(`read ${name}`, error);
      }
    },
  };
}

/** A HEAD has no body to say whether the key is missing or the bucket; a GET has. */
async function appearedSince(
  name: string,
  where: { readonly Bucket: string; readonly Key: string },
  s3: S3Client,
): Promise<string | undefined> {
  try {
    const found = await s3.send(new GetObjectCommand({ ...where, Range: 'bytes=0-0' }));
    await found.Body?.transformToByteArray();
    return etagOf(name, found);
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchBucket') throw unreadable(name, 'no such bucket', error);
    if (httpStatus(error) === 404) return undefined;
    throw error;
  }
}

function etagOf(name: string, { ETag }: { readonly ETag?: string | undefined }): string {
  if (ETag === undefined) throw new Failure('transient', `${name} came without an etag`);
  return ETag;
}

/** Resolves, with its version, once the source is there; a delivery that has not come within `wait` milliseconds is not ready. */
export async function delivered(
  source: ReviewsSource,
  { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
  log: Log,
): Promise<string> {
  let looks = 0;
  const look = async () => {
    const version = await source.version();
    if (version !== undefined) return version;
    looks += 1;
    if (looks === 1 && wait > 0) log.info(`waiting for the reviews file ${source.name}`);
    return undefined;
  };
  const found = await waitFor(look, { signal, timeout: wait, minPause: 500 });
  if (found !== undefined) return found;
  throw new Failure('not-ready', `the reviews file ${source.name} is not there`, {
    action: "wait for the vendor's delivery, or correct REVIEWS_SOURCE",
  });
}
