/**
 * A lease says that one process works on a day, so that a second one waits instead of doing it
 * twice. It lies in S3 and moves by conditional writes alone, so exactly one of several takers wins.
 * Its holder renews it from the day it takes it until it lets go; one that was not renewed expires.
 *
 * Expiry is told by the server's clock (`shared/server-clock.ts`), so the hosts' own may be wrong. If a holder
 * sleeps through its expiry, two runs may work at once; that costs work and no data, for runs write
 * to places of their own, a holder publishes only after `confirm`, and the manifest itself moves by a
 * conditional write.
 *
 * It also remembers the runs that left steps on the cluster, from one holder to the next, until one has
 * seen them ended.
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
  judgeLease,
  type LeaseBody,
  leftBehind,
  parseLease,
} from '@user-behaviour/shared/manifest/lease-record';
import type { Log } from '@user-behaviour/shared/runner/log';
import { untangle } from '@user-behaviour/shared/waiting';

export interface LeaseSettings {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly run: string;
  /** Names this process, and no other, nor an earlier life of it. */
  readonly owner: string;
  /** Milliseconds from a renewal to the expiry. */
  readonly life: number;
  /** By a clock that all hosts share. */
  readonly now: () => Date;
  readonly log: Log;
}

const dataset = 'movie_review/stage';
/** How often a lease is written that is free and yet refused, as by takers that race. */
const tries = 8;

export class Lease {
  readonly ds: Ds;
  /** Runs whose steps on the cluster belong to nobody: the next holder's to end, unless this one has. */
  left: readonly string[];
  readonly #object: LeaseObject;
  readonly #timer: NodeJS.Timeout;
  #etag: string;
  /** Writes go one after another, since each needs the etag of the one before. */
  #writing: Promise<unknown> = Promise.resolve();
  #lost = false;

  private constructor(ds: Ds, object: LeaseObject, taken: Taken, settings: LeaseSettings) {
    this.ds = ds;
    this.left = taken.left;
    this.#object = object;
    this.#etag = taken.etag;
    this.#timer = setInterval(() => {
      this.confirm().catch((error: unknown) => {
        settings.log.warn({ ds }, `lease not renewed: ${String(error)}`);
      });
    }, settings.life / 3);
    this.#timer.unref();
  }

  /** The lease, or who holds it. */
  static async take(ds: Ds, settings: LeaseSettings): Promise<Lease | LeaseBody> {
    const object = new LeaseObject(ds, settings);
    const taken = await object.take();
    return 'etag' in taken ? new Lease(ds, object, taken, settings) : taken;
  }

  /** Renews the lease, or fails because another run has it: then nothing may be published. */
  confirm(): Promise<void> {
    const confirmed = this.#writing.then(async () => {
      const etag = this.#lost ? undefined : await this.#object.renew(this.#etag, this.left);
      if (etag === undefined) {
        this.#lost = true;
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

  /** Why the work failed: where the lease was lost, its taker has ended what this run waited for. */
  async reasonFor(error: unknown): Promise<unknown> {
    const loss = await this.confirm().catch((failure: unknown) => failure);
    return this.#lost ? loss : error;
  }

  /** Lets the day go; the object stays while something is left. What cannot be removed expires. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    if (this.#lost) return;
    this.#lost = true;
    const letGo =
      this.left.length === 0
        ? this.#object.remove(this.#etag)
        : this.#object.release(this.#etag, this.left);
    await letGo.catch(() => undefined);
  }
}

interface Taken {
  readonly etag: string;
  readonly left: readonly string[];
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
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const found = await this.#read();
      const verdict =
        found === undefined
          ? 'free'
          : judgeLease(found.body, this.#settings.owner, this.#settings.now());
      if (found !== undefined && verdict === 'held') return found.body;
      const left = found === undefined ? [] : leftBehind(found.body);
      const condition = found === undefined ? { IfNoneMatch: '*' } : { IfMatch: found.etag };
      const etag = await this.#write(condition, { left });
      if (etag !== undefined) return { etag, left };
      await untangle(attempt);
    }
    throw new Failure(
      'transient',
      `${this.#uri} could not be taken in ${String(tries)} attempts: each write was refused`,
    );
  }

  /** The new etag, or undefined when the lease is another's. */
  async renew(etag: string, left: readonly string[]): Promise<string | undefined> {
    const renewed = await this.#write({ IfMatch: etag }, { left });
    if (renewed !== undefined) return renewed;
    // The refusal may be the echo of our own write whose answer was lost.
    const found = await this.#read();
    if (found?.body.owner !== this.#settings.owner) return undefined;
    return this.#write({ IfMatch: found.etag }, { left });
  }

  /** Overwrites the lease by one that says it was let go. */
  async release(etag: string, left: readonly string[]): Promise<void> {
    await this.#write({ IfMatch: etag }, { left, released: true });
  }

  /** Where S3 knows no conditional delete, the lease is released. */
  async remove(etag: string): Promise<void> {
    await attempt(`remove ${this.#uri}`, async () => {
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

  /** The etag, or undefined when the condition does not hold. */
  async #write(
    condition: { readonly IfNoneMatch: string } | { readonly IfMatch: string },
    state: { readonly left: readonly string[]; readonly released?: true },
  ): Promise<string | undefined> {
    const { s3, run, owner, now, life } = this.#settings;
    const expiresAt = new Date(now().getTime() + life).toISOString();
    const left = [...state.left];
    const body: LeaseBody = { version: 1, run, owner, host: hostname(), expiresAt, ...state, left };
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
      const gone = status === 404 && awsErrorName(error) === 'NoSuchKey';
      if (status === 412 || status === 409 || gone) return undefined;
      throw awsFailure(`write ${this.#uri}`, error);
    }
  }
}
