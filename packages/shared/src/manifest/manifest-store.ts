/** Reads manifests from S3, waits for them, and publishes them with conditional writes. */
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
import { partialUntil, whyNotOver } from './partial-day.ts';
import { sameSourceState } from './source-state.ts';
import { backoff, waitFor } from '../waiting.ts';

export interface Published {
  readonly manifest: Manifest;
  readonly etag: string;
}

/**
 * `unchanged`: the draft has the same content as the published manifest. `superseded`: another run
 * was published first, with other content; its manifest remains published.
 */
export interface Publication extends Published {
  readonly status: 'published' | 'unchanged' | 'superseded';
}

/** How long to wait for an upstream. */
interface Wait {
  /** Milliseconds. */
  readonly wait: number;
  readonly signal: AbortSignal;
  /** By the clock of S3. */
  readonly serverTime?: (() => Date) | undefined;
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

  /** The currently published manifest, if there is one. */
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
        throw new Failure('transient', `the response for ${uri} has no body or no ETag`);
      }
      return { manifest: parseManifest(await Body.transformToString(), uri), etag: ETag };
    } catch (error) {
      if (awsErrorName(error) === 'NoSuchKey') return undefined;
      if (awsErrorName(error) === 'AbortError') throw error;
      throw awsFailure(`read ${uri}`, error);
    }
  }

  /** Whether every file in the manifest still exists and has the right size. */
  async filesExist({ files }: Manifest): Promise<boolean> {
    const results = await Promise.all(
      files.map(({ key, bytes }) =>
        attempt(`check ${s3Uri(this.#bucket, key)}`, async () => {
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
    return results.every(Boolean);
  }

  /**
   * Replaces the day's manifest `previous` with the draft. It is not an error if another run is
   * published first. S3 may also refuse a retry because our own earlier write succeeded and only its
   * response was lost (aws/aws-sdk-java-v2#6580). So a refusal is followed by another read. With `force` the
   * content of `previous` is published again.
   *
   * If only the state of the source differs, or until when a partial day is complete, the manifest keeps its run and
   * generation and gets the new state, so that nobody takes the day for changed again. A day that was loaded stays so; a
   * load that is under way starts over.
   */
  async publish(
    draft: Draft,
    previous: Published | undefined,
    force = false,
  ): Promise<Publication> {
    if (previous !== undefined && !force && (await this.#isPublished(draft, previous))) {
      return { ...(await this.#renew(draft, previous)), status: 'unchanged' };
    }
    const key = manifestKey(draft.dataset, draft.ds);
    const manifest = completeManifest(draft, (previous?.manifest.generation ?? 0) + 1);
    for (let attempts = 1; ; attempts += 1) {
      try {
        return { manifest, etag: await this.#put(manifest, previous), status: 'published' };
      } catch (error) {
        if (!isRefusal(error)) throw awsFailure(`publish ${s3Uri(this.#bucket, key)}`, error);
        const current = await this.read(draft.dataset, draft.ds);
        const moved = current?.etag !== previous?.etag;
        if (current !== undefined && moved) {
          if (current.manifest.run === draft.run) return { ...current, status: 'published' };
          const isPublished = await this.#isPublished(draft, current);
          return { ...current, status: isPublished ? 'unchanged' : 'superseded' };
        }
        if (current === undefined && previous !== undefined) {
          throw new Failure(
            'transient',
            `${s3Uri(this.#bucket, key)} was removed while this run was replacing it`,
            { cause: error },
          );
        }
        if (attempts === 5) {
          throw new Failure(
            'transient',
            `${s3Uri(this.#bucket, key)} could not be replaced in ${String(attempts)} attempts because of concurrent writes`,
            { cause: error },
          );
        }
        await backoff(attempts);
      }
    }
  }

  /** Another run that moves the pointer first wins: what it read of the source is as good. */
  async #renew(draft: Draft, previous: Published): Promise<Published> {
    const { source } = draft;
    const until = partialUntil(draft);
    const changes = {
      ...(source && !sameSourceState(source, previous.manifest.source) && { source }),
      ...(until &&
        until > (partialUntil(previous.manifest) ?? until) && {
          completeUntil: until.toISOString(),
        }),
    };
    if (Object.keys(changes).length === 0) return previous;
    const manifest = { ...previous.manifest, ...changes };
    try {
      return { manifest, etag: await this.#put(manifest, previous) };
    } catch (error) {
      if (isRefusal(error)) return previous;
      const uri = s3Uri(this.#bucket, manifestKey(manifest.dataset, manifest.ds));
      throw awsFailure(`publish ${uri}`, error);
    }
  }

  /** Returns the ETag of the new manifest. S3 refuses it if the pointer is no longer `previous`. */
  async #put(manifest: Manifest, previous: Published | undefined): Promise<string> {
    const { ETag } = await this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: manifestKey(manifest.dataset, manifest.ds),
        Body: JSON.stringify(manifest, undefined, 2),
        ContentType: 'application/json',
        ...(previous === undefined ? { IfNoneMatch: '*' } : { IfMatch: previous.etag }),
      }),
    );
    return ETag ?? '';
  }

  async #isPublished(draft: Draft, { manifest }: Published): Promise<boolean> {
    return sameContent(draft, manifest) && (await this.filesExist(manifest));
  }

  /**
   * Waits up to `wait` milliseconds for the upstream's manifest. With `serverTime`, it also waits until a day that is
   * over has been read again: what was read before lacks its last hours.
   * @throws a not-ready failure after the wait.
   */
  async require(dataset: Dataset, ds: Ds, { wait, signal, serverTime }: Wait): Promise<Published> {
    let partial: string | undefined;
    const readWhole = async () => {
      const found = await this.read(dataset, ds);
      if (found === undefined || serverTime === undefined) return found;
      const until = partialUntil(found.manifest);
      if (until === undefined || whyNotOver(ds, serverTime()) !== undefined) return found;
      partial = until.toISOString();
      return undefined;
    };
    const found = await waitFor(readWhole, { signal, timeout: wait, minPause: 500 });
    if (found !== undefined) return found;
    if (partial !== undefined) {
      throw new Failure(
        'not-ready',
        `${dataset} of ${ds} is partial: it was read before the day was over, and is complete until ${partial} only`,
        { action: 'run extract-purchases for the day again' },
      );
    }
    throw new Failure(
      'not-ready',
      `${s3Uri(this.#bucket, manifestKey(dataset, ds))} does not exist: ${dataset} of ${ds} has not been published`,
    );
  }
}

/** 412: the condition is false. 409: concurrent writes. 404: If-Match on a key that does not exist. */
const isRefusal = (error: unknown): boolean => {
  const status = httpStatus(error);
  return (
    status === 412 || status === 409 || (status === 404 && awsErrorName(error) === 'NoSuchKey')
  );
};

/** The reference to a published manifest in the manifests of its downstream stages. */
export const upstreamOf = ({ manifest, etag }: Published): Upstream => ({
  key: manifestKey(manifest.dataset, manifest.ds),
  etag,
  run: manifest.run,
  generation: manifest.generation,
});
