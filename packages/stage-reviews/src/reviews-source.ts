/** Reads the vendor's file of a day as a stream of bytes, from disk or S3. */
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
import { fileErrorKind } from '@user-behaviour/shared/file-errors';
import type { Log } from '@user-behaviour/shared/runner/log';
import { waitFor } from '@user-behaviour/shared/waiting';

export interface ReviewsSource {
  /** The path or S3 URI, for messages. */
  readonly name: string;
  /** Changes if the content may have changed; undefined while the file does not exist. */
  readonly version: () => Promise<string | undefined>;
  /** Throws an error if the signal aborts. */
  readonly read: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** `template` is the value of REVIEWS_SOURCE. */
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
        if (!found.isFile()) throw unreadable(path, 'it is not a file');
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

export function fileFailure(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined || code === 'ABORT_ERR') return error;
  if (fileErrorKind(code) === 'configuration') return unreadable(path, code, error);
  return new Failure('transient', `the reviews file ${path} could not be read: ${code}`, {
    cause: error,
    action: 'check the disk or mount that holds the file, then run the day again',
  });
}

const unreadable = (file: string, why: string, cause?: unknown) =>
  new Failure('configuration', `the reviews file ${file} cannot be read: ${why}`, {
    cause,
    action: 'correct REVIEWS_SOURCE, or grant the job read access to the file',
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
        return versionByGet(name, where, s3);
      }),
    async *read(signal) {
      try {
        const { Body } = await s3.send(new GetObjectCommand(where), { abortSignal: signal });
        if (Body === undefined)
          throw new Failure('transient', `the response for ${name} has no body`);
        yield* Body as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        // The connection may also break in the middle of the body.
        throw awsFailure(`read ${name}`, error);
      }
    },
  };
}

/** A HEAD response cannot distinguish a missing key from a missing bucket; a GET response can. */
async function versionByGet(
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
  if (ETag === undefined) throw new Failure('transient', `the response for ${name} has no ETag`);
  return ETag;
}

/** Waits up to `wait` milliseconds for the file and returns its version, or throws a not-ready failure. */
export async function delivered(
  source: ReviewsSource,
  { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
  log: Log,
): Promise<string> {
  let polls = 0;
  const poll = async () => {
    const version = await source.version();
    if (version !== undefined) return version;
    polls += 1;
    if (polls === 1 && wait > 0) log.info(`waiting for the reviews file ${source.name}`);
    return undefined;
  };
  const found = await waitFor(poll, { signal, timeout: wait, minPause: 500 });
  if (found !== undefined) return found;
  throw new Failure('not-ready', `the reviews file ${source.name} does not exist`, {
    action: "wait for the vendor's delivery, or correct REVIEWS_SOURCE",
  });
}
