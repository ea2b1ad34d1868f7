/**
 * A lease lets one process at a time work on a day; a second one waits instead of repeating the
 * work. It is an object in S3 that changes only by conditional writes, so exactly one of several
 * contenders gets it. Its holder renews it until it releases it; without renewal it expires.
 *
 * Expiry is measured by the server's clock (`shared/s3/server-clock.ts`), so the clocks of the hosts
 * may be wrong. If a holder sleeps past its expiry, two runs may work at once. That costs time but no
 * data: runs write to separate folders, a holder publishes only after `confirm`, and the manifest
 * itself changes by a conditional write.
 *
 * The lease also hands the orphaned runs on from holder to holder, until one has seen their steps end.
 */
import { hostname } from 'node:os';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  attempt,
  awsErrorName,
  awsFailure,
  httpStatus,
} from '@user-behaviour/shared/s3/aws-errors';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { leaseKey, s3Uri } from '@user-behaviour/shared/keys';
import {
  isHeld,
  type LeaseBody,
  orphanedRuns,
  parseLease,
} from '@user-behaviour/shared/manifest/lease-record';
import type { Log } from '@user-behaviour/shared/runner/log';
import { untangle } from '@user-behaviour/shared/waiting';

export interface LeaseSettings {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly run: string;
  /** Identifies this process. A restarted process has another one. */
  readonly owner: string;
  /** Milliseconds from a renewal to the expiry. */
  readonly life: number;
  /** Reads a clock that all hosts share. */
  readonly now: () => Date;
  readonly log: Log;
}

const dataset = 'movie_review/stage';
/** Attempts to write a lease that is free although S3 refuses the write, as when contenders race. */
const maxAttempts = 8;

export class Lease {
  readonly ds: Ds;
  /** Runs without a living process whose steps may still be live; empty once they have ended. */
  orphanedRuns: readonly string[];
  readonly #object: LeaseObject;
  readonly #timer: NodeJS.Timeout;
  #etag: string;
  /** The last write. Writes run one after another because each needs the etag of the one before. */
  #writing: Promise<unknown> = Promise.resolve();
  #isLost = false;

  private constructor(ds: Ds, object: LeaseObject, taken: Taken, settings: LeaseSettings) {
    this.ds = ds;
    this.orphanedRuns = taken.orphanedRuns;
    this.#object = object;
    this.#etag = taken.etag;
    this.#timer = setInterval(() => {
      this.confirm().catch((error: unknown) => {
        settings.log.warn({ ds }, `could not renew the lease: ${String(error)}`);
      });
    }, settings.life / 3);
    this.#timer.unref();
  }

  /** Returns the lease, or the content of the one that another process holds. */
  static async take(ds: Ds, settings: LeaseSettings): Promise<Lease | LeaseBody> {
    const object = new LeaseObject(ds, settings);
    const taken = await object.take();
    return 'etag' in taken ? new Lease(ds, object, taken, settings) : taken;
  }

  /** Renews the lease. Fails if another run has taken it; then nothing may be published. */
  confirm(): Promise<void> {
    const confirmed = this.#writing.then(async () => {
      const etag = this.#isLost
        ? undefined
        : await this.#object.renew(this.#etag, this.orphanedRuns);
      if (etag === undefined) {
        this.#isLost = true;
        clearInterval(this.#timer);
        throw new Failure(
          'transient',
          `the lease of ${this.ds} was lost: it was not renewed in time and another run took it`,
          { action: 'run the day again; it will wait for the other run or find its result' },
        );
      }
      this.#etag = etag;
    });
    this.#writing = confirmed.catch(() => undefined);
    return confirmed;
  }

  /** The loss of the lease if it was lost, since the new holder cancels this run's steps; else `error`. */
  async reasonFor(error: unknown): Promise<unknown> {
    const loss = await this.confirm().catch((failure: unknown) => failure);
    return this.#isLost ? loss : error;
  }

  /** Frees the day. The object remains if there are orphaned runs. If the write fails, the lease expires. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    if (this.#isLost) return;
    this.#isLost = true;
    const released =
      this.orphanedRuns.length === 0
        ? this.#object.delete(this.#etag)
        : this.#object.release(this.#etag, this.orphanedRuns);
    await released.catch(() => undefined);
  }
}

interface Taken {
  readonly etag: string;
  readonly orphanedRuns: readonly string[];
}

/** The lease of one day as an object in S3. */
class LeaseObject {
  readonly #settings: LeaseSettings;
  readonly #where: { readonly Bucket: string; readonly Key: string };

  constructor(ds: Ds, settings: LeaseSettings) {
    this.#settings = settings;
    this.#where = { Bucket: settings.bucket, Key: leaseKey(dataset, ds) };
  }

  get #uri(): string {
    return s3Uri(this.#where.Bucket, this.#where.Key);
  }

  async take(): Promise<Taken | LeaseBody> {
    const { owner, now } = this.#settings;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const found = await this.#read();
      // A lease of this very process is the result of a write whose reply was lost.
      const isOwn = found?.body.owner === owner;
      if (found !== undefined && !isOwn && isHeld(found.body, now().getTime())) return found.body;
      const orphaned = found === undefined ? [] : orphanedRuns(found.body);
      const condition = found === undefined ? { IfNoneMatch: '*' } : { IfMatch: found.etag };
      const etag = await this.#write(condition, orphaned);
      if (etag !== undefined) return { etag, orphanedRuns: orphaned };
      await untangle(attempt);
    }
    throw new Failure(
      'transient',
      `could not take ${this.#uri} in ${String(maxAttempts)} attempts: S3 refused each write`,
    );
  }

  /** Returns the new etag, or undefined if another process holds the lease. */
  async renew(etag: string, orphaned: readonly string[]): Promise<string | undefined> {
    const renewed = await this.#write({ IfMatch: etag }, orphaned);
    if (renewed !== undefined) return renewed;
    // S3 may have refused because an earlier write of this process succeeded and its reply was lost.
    const found = await this.#read();
    if (found?.body.owner !== this.#settings.owner) return undefined;
    return this.#write({ IfMatch: found.etag }, orphaned);
  }

  /** Marks the lease as released. */
  async release(etag: string, orphaned: readonly string[]): Promise<void> {
    await this.#write({ IfMatch: etag }, orphaned, true);
  }

  /** Deletes the lease, or releases it if the server has no conditional delete. */
  async delete(etag: string): Promise<void> {
    await attempt(`delete ${this.#uri}`, async () => {
      try {
        await this.#settings.s3.send(new DeleteObjectCommand({ ...this.#where, IfMatch: etag }));
      } catch (error) {
        if (httpStatus(error) !== 501) throw error;
        await this.release(etag, []);
      }
    });
  }

  async #read(): Promise<{ readonly body: LeaseBody; readonly etag: string } | undefined> {
    try {
      const { Body, ETag = '' } = await this.#settings.s3.send(new GetObjectCommand(this.#where));
      return { body: parseLease((await Body?.transformToString()) ?? '', this.#uri), etag: ETag };
    } catch (error) {
      if (awsErrorName(error) === 'NoSuchKey') return undefined;
      throw awsFailure(`read ${this.#uri}`, error);
    }
  }

  /** Returns the new etag, or undefined if the condition does not hold. */
  async #write(
    condition: { readonly IfNoneMatch: string } | { readonly IfMatch: string },
    orphaned: readonly string[],
    released = false,
  ): Promise<string | undefined> {
    const { s3, run, owner, now, life } = this.#settings;
    const body: LeaseBody = {
      version: 1,
      run,
      owner,
      host: hostname(),
      expiresAt: new Date(now().getTime() + life).toISOString(),
      left: [...orphaned],
      ...(released ? { released } : {}),
    };
    try {
      const { ETag } = await s3.send(
        new PutObjectCommand({
          ...this.#where,
          ...condition,
          Body: JSON.stringify(body),
          ContentType: 'application/json',
        }),
      );
      return ETag ?? '';
    } catch (error) {
      const status = httpStatus(error);
      const isMissing = status === 404 && awsErrorName(error) === 'NoSuchKey';
      if (status === 412 || status === 409 || isMissing) return undefined;
      throw awsFailure(`write ${this.#uri}`, error);
    }
  }
}
