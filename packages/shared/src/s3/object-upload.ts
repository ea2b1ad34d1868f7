/** Uploads one object to S3, in parts in any order or as a whole, and verifies it. */
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { attempt, awsErrorName, httpStatus } from './aws-errors.ts';
import { combineCrc32 } from './crc32-combine.ts';
import { Failure } from '../failure.ts';
import { s3Uri } from '../keys.ts';

export interface UploadTarget {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly signal: AbortSignal;
  /** Called after each part with the number of bytes stored so far. */
  readonly onProgress?: (bytes: number) => void;
}

interface Part {
  readonly number: number;
  readonly etag: string;
  readonly bytes: number;
  readonly crc: number;
}

const base64 = (checksum: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString('base64');
};

/**
 * S3 refused the call, perhaps because an earlier attempt succeeded and only its response was lost
 * (aws/aws-sdk-java-v2#6580). The content of the key decides.
 */
const isEcho = (error: unknown): boolean =>
  error instanceof Failure &&
  (httpStatus(error.cause) === 412 || awsErrorName(error.cause) === 'NoSuchUpload');

/** S3 checks the CRC-32 of each part and of the whole object. Callers can add stronger checksums. */
export class ObjectUpload {
  readonly #target: UploadTarget;
  readonly #parts: Part[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  #upload: Promise<string> | undefined;
  #stored = 0;
  /** Size and checksum of the whole object, set when it is finished. */
  bytes = 0;
  crc = 0;

  constructor(target: UploadTarget) {
    this.#target = target;
  }

  get key(): string {
    return this.#target.key;
  }

  get #where() {
    return { Bucket: this.#target.bucket, Key: this.#target.key };
  }

  get #uri(): string {
    return s3Uri(this.#target.bucket, this.#target.key);
  }

  #send<T>(doing: string, call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    return attempt(`${doing} ${this.#uri}`, () => call({ abortSignal: this.#target.signal }));
  }

  async #begin(): Promise<string> {
    const { UploadId } = await this.#send('begin', (options) =>
      this.#target.s3.send(
        new CreateMultipartUploadCommand({
          ...this.#where,
          ContentType: this.#target.contentType,
          ChecksumAlgorithm: 'CRC32',
          ChecksumType: 'FULL_OBJECT',
        }),
        options,
      ),
    );
    if (UploadId !== undefined) return UploadId;
    throw new Failure('transient', `S3 returned no upload ID for ${this.#uri}`);
  }

  /**
   * Resolves when S3 has stored the part; do not change its bytes until then. S3 joins the parts in
   * the order of their numbers, 1 to 10,000. Each part except the last needs at least 5 MiB.
   */
  store(number: number, bytes: Uint8Array): Promise<void> {
    const storing = this.#storePart(number, bytes);
    this.#inFlight.add(storing);
    const done = () => this.#inFlight.delete(storing);
    storing.then(done, done);
    return storing;
  }

  async #storePart(number: number, bytes: Uint8Array): Promise<void> {
    const crc = crc32(bytes);
    const UploadId = await (this.#upload ??= this.#begin());
    const { ETag } = await this.#send(`store part ${String(number)} of`, (options) =>
      this.#target.s3.send(
        new UploadPartCommand({
          ...this.#where,
          UploadId,
          PartNumber: number,
          Body: bytes,
          ChecksumAlgorithm: 'CRC32',
          ChecksumCRC32: base64(crc),
        }),
        options,
      ),
    );
    this.#parts.push({ number, etag: ETag ?? '', bytes: bytes.length, crc });
    this.#stored += bytes.length;
    this.#target.onProgress?.(this.#stored);
  }

  /** Writes the object in one request if the key does not exist. */
  async putWhole(bytes: Uint8Array): Promise<void> {
    this.bytes = bytes.length;
    this.crc = crc32(bytes);
    await this.#finish(() =>
      this.#send('write', (options) =>
        this.#target.s3.send(
          new PutObjectCommand({
            ...this.#where,
            Body: bytes,
            ContentType: this.#target.contentType,
            IfNoneMatch: '*',
            ChecksumAlgorithm: 'CRC32',
            ChecksumCRC32: base64(this.crc),
          }),
          options,
        ),
      ),
    );
  }

  /** Joins the parts if the key does not exist. Call it after all parts are stored. */
  async complete(): Promise<void> {
    const parts = this.#parts.sort((a, b) => a.number - b.number);
    this.bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    this.crc = parts.reduce((crc, part) => combineCrc32(crc, part.crc, part.bytes), 0);
    const UploadId = await this.#upload;
    await this.#finish(() =>
      this.#send('complete', (options) =>
        this.#target.s3.send(
          new CompleteMultipartUploadCommand({
            ...this.#where,
            UploadId,
            MultipartUpload: {
              Parts: parts.map(({ number, etag, crc }) => ({
                PartNumber: number,
                ETag: etag,
                ChecksumCRC32: base64(crc),
              })),
            },
            IfNoneMatch: '*',
            MpuObjectSize: this.bytes,
            ChecksumType: 'FULL_OBJECT',
            ChecksumCRC32: base64(this.crc),
          }),
          options,
        ),
      ),
    );
  }

  async #finish(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
      this.#upload = undefined;
    } catch (error) {
      if (!isEcho(error)) throw error;
      await this.abandon();
    }
    await this.#verify();
  }

  /** Compares the stored object with what was written. */
  async #verify(): Promise<void> {
    const found = await this.#send('verify', (options) =>
      this.#target.s3.send(
        new HeadObjectCommand({ ...this.#where, ChecksumMode: 'ENABLED' }),
        options,
      ),
    ).catch((error: unknown) => {
      if (!(error instanceof Failure) || httpStatus(error.cause) !== 404) throw error;
      throw new Failure(
        'transient',
        `${this.#uri} does not exist: it was removed while this run was writing it`,
        {
          cause: error.cause,
        },
      );
    });
    if (found.ContentLength !== this.bytes || found.ChecksumCRC32 !== base64(this.crc)) {
      throw new Failure(
        'data',
        `${this.#uri} has different content from what this run wrote (${String(found.ContentLength)} bytes there, ${String(this.bytes)} written)`,
        { action: 'this run ID has been used before: choose another --run-id or omit it' },
      );
    }
  }

  /** Aborts a failed upload. If this fails too, a lifecycle rule or `sweep` removes the parts. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    const upload = this.#upload;
    this.#upload = undefined;
    const UploadId = await upload?.catch(() => undefined);
    if (UploadId === undefined) return;
    await attempt(`abort the upload of ${this.#uri}`, () =>
      this.#target.s3.send(new AbortMultipartUploadCommand({ ...this.#where, UploadId })),
    ).catch(() => undefined);
  }
}
