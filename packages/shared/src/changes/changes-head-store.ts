/** Reads the pointer to the captured changes, and moves it with a conditional write. */
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Failure } from '../failure.ts';
import { changesHeadKey, s3Uri } from '../keys.ts';
import { awsErrorName, awsFailure, httpStatus } from '../s3/aws-errors.ts';
import type { Bucket } from '../s3/list-objects.ts';
import { type ChangesHead, parseChangesHead } from './changes-head.ts';

export interface StoredHead {
  readonly head: ChangesHead;
  readonly etag: string;
}

/** 412: the condition is false. 409: concurrent writes. 404: If-Match on a key that does not exist. */
const refusals: readonly (number | undefined)[] = [404, 409, 412];

export class ChangesHeadStore {
  readonly #where: Bucket;
  readonly uri: string;

  constructor(where: Bucket) {
    this.#where = where;
    this.uri = s3Uri(where.bucket, changesHeadKey);
  }

  /** @throws a data failure if the object is not a head. */
  async read(): Promise<StoredHead | undefined> {
    const found = await this.#read();
    return found && { head: parseChangesHead(found.text, this.uri), etag: found.etag };
  }

  async #read(): Promise<{ text: string; etag: string } | undefined> {
    const { s3, bucket: Bucket } = this.#where;
    try {
      const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key: changesHeadKey }));
      if (Body === undefined || ETag === undefined) {
        throw new Failure('transient', `the response for ${this.uri} has no body or no ETag`);
      }
      return { text: await Body.transformToString(), etag: ETag };
    } catch (error) {
      if (awsErrorName(error) === 'NoSuchKey') return undefined;
      throw awsFailure(`read ${this.uri}`, error);
    }
  }

  /**
   * Replaces `previous`. A refusal is followed by another read: our own write may have succeeded and only its answer
   * have been lost. Returns what is stored now.
   * @throws a transient failure if another run has moved the pointer.
   */
  async replace(previous: StoredHead | undefined, head: ChangesHead): Promise<StoredHead> {
    const { s3, bucket: Bucket } = this.#where;
    const Body = `${JSON.stringify(head, undefined, 2)}\n`;
    try {
      const { ETag = '' } = await s3.send(
        new PutObjectCommand({
          ...{ Bucket, Key: changesHeadKey, Body, ContentType: 'application/json' },
          ...(previous === undefined ? { IfNoneMatch: '*' } : { IfMatch: previous.etag }),
        }),
      );
      return { head, etag: ETag };
    } catch (error) {
      if (!refusals.includes(httpStatus(error))) throw awsFailure(`write ${this.uri}`, error);
      const found = await this.#read();
      if (found?.text === Body) return { head, etag: found.etag };
      throw new Failure('transient', `${this.uri} was moved by another run of capture-purchases`, {
        cause: error,
        action: 'run capture-purchases again; let its schedule not overlap',
      });
    }
  }
}
