/** Manifests in S3: read, published by a conditional write, waited for. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { attempt, awsErrorName, awsFailure, httpStatus } from '../s3/aws-errors.ts';
import { Semaphore } from '../concurrency.ts';
import type { Ds } from '../ds.ts';
import { Failure } from '../failure.ts';
import { manifestKey, s3Uri } from '../keys.ts';
import type { Dataset } from '../pipeline.ts';
import {
  completeManifest,
  type Draft,
  type Manifest,
  parseManifest,
  sameContent,
  type Upstream,
} from './manifest.ts';
import { backoff, waitFor } from '../waiting.ts';

export interface Published {
  readonly manifest: Manifest;
  readonly etag: string;
}

/** `unchanged`: the draft says nothing new. `superseded`: another run moved the pointer first; its result stands. */
export interface Publication extends Published {
  readonly status: 'published' | 'unchanged' | 'superseded';
}

export class ManifestStore {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #reads: Semaphore;

  /** `reads` limits how many manifests are read at a time. */
  constructor(s3: S3Client, bucket: string, reads = Infinity) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#reads = new Semaphore(reads);
  }

  /** The manifest that is published now; undefined where none is. */
  read(dataset: Dataset, ds: Ds): Promise<Published | undefined> {
    return this.#reads.run(() => this.#read(dataset, ds));
  }

  async #read(dataset: Dataset, ds: Ds): Promise<Published | undefined> {
    const key = manifestKey(dataset, ds);
    const uri = s3Uri(this.#bucket, key);
    try {
      const { Body, ETag } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
      );
      if (Body === undefined || ETag === undefined) {
        throw new Failure('transient', `${uri} came without a body or an etag`);
      }
      return { manifest: parseManifest(await Body.transformToString(), uri), etag: ETag };
    } catch (error) {
      if (awsErrorName(error) === 'NoSuchKey') return undefined;
      if (awsErrorName(error) === 'AbortError') throw error;
      throw awsFailure(`read ${uri}`, error);
    }
  }

  /** Whether every file that the manifest names is there, in its size: somebody may have removed one. */
  async filesExist({ files }: Manifest): Promise<boolean> {
    const stand = await Promise.all(
      files.map(({ key, bytes }) =>
        attempt(`look at ${s3Uri(this.#bucket, key)}`, async () => {
          try {
            const where = { Bucket: this.#bucket, Key: key };
            return (await this.#s3.send(new HeadObjectCommand(where))).ContentLength === bytes;
          } catch (error) {
            if (httpStatus(error) === 404) return false;
            throw error;
          }
        }),
      ),
    );
    return stand.every(Boolean);
  }

  /**
   * Moves the day's pointer from the manifest that the job saw to the draft. Losing the race is no
   * error. A refusal may also be the echo of our own write whose answer was lost, so the pointer is
   * read again before anything is concluded (aws/aws-sdk-java-v2#6580).
   */
  async publish(draft: Draft, previous: Published | undefined): Promise<Publication> {
    if (
      previous !== undefined &&
      sameContent(draft, previous.manifest) &&
      (await this.filesExist(previous.manifest))
    ) {
      return { ...previous, status: 'unchanged' };
    }
    const key = manifestKey(draft.dataset, draft.ds);
    const manifest = completeManifest(draft, (previous?.manifest.generation ?? 0) + 1);
    for (let attempts = 1; ; attempts += 1) {
      try {
        const { ETag } = await this.#s3.send(
          new PutObjectCommand({
            Bucket: this.#bucket,
            Key: key,
            Body: JSON.stringify(manifest, undefined, 2),
            ContentType: 'application/json',
            ...(previous === undefined ? { IfNoneMatch: '*' } : { IfMatch: previous.etag }),
          }),
        );
        return { manifest, etag: ETag ?? '', status: 'published' };
      } catch (error) {
        if (!isRefusal(error)) throw awsFailure(`publish ${s3Uri(this.#bucket, key)}`, error);
        const current = await this.read(draft.dataset, draft.ds);
        const moved = current?.etag !== previous?.etag;
        if (current !== undefined && moved) {
          return {
            ...current,
            status: current.manifest.run === draft.run ? 'published' : 'superseded',
          };
        }
        if (current === undefined && previous !== undefined) {
          throw new Failure(
            'transient',
            `${s3Uri(this.#bucket, key)} was removed while this run replaced it`,
            { cause: error },
          );
        }
        if (attempts === 5) {
          throw new Failure(
            'transient',
            `${s3Uri(this.#bucket, key)} could not be moved in ${String(attempts)} attempts: other writes raced`,
            { cause: error },
          );
        }
        await backoff(attempts);
      }
    }
  }

  /** The upstream's manifest; without it, after `wait` milliseconds, a not-ready failure. */
  async require(
    dataset: Dataset,
    ds: Ds,
    { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
  ): Promise<Published> {
    const found = await waitFor(() => this.read(dataset, ds), {
      signal,
      timeout: wait,
      minPause: 500,
    });
    if (found !== undefined) return found;
    throw new Failure(
      'not-ready',
      `${s3Uri(this.#bucket, manifestKey(dataset, ds))} is not there: ${dataset} of ${ds} has not been published`,
    );
  }
}

/** 412: the condition does not hold. 409: two writes raced. 404: If-Match on a key that is gone. */
const isRefusal = (error: unknown): boolean => {
  const status = httpStatus(error);
  return (
    status === 412 || status === 409 || (status === 404 && awsErrorName(error) === 'NoSuchKey')
  );
};

/** How a manifest names what it was made from. */
export const upstreamOf = ({ manifest, etag }: Published): Upstream => ({
  key: manifestKey(manifest.dataset, manifest.ds),
  etag,
  run: manifest.run,
  generation: manifest.generation,
});
