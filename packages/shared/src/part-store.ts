/** The parts of one object on their way to S3: at most two buffers, whatever the size of the object. */
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
import { attempt, awsErrorName, httpStatus } from './aws-failure.ts';
import { Failure } from './failure.ts';
import { s3Uri } from './keys.ts';

export interface UploadTarget {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly signal: AbortSignal;
  /** Told after each part, with the bytes stored so far. */
  readonly onProgress?: (bytes: number) => void;
}

const base64 = (checksum: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString('base64');
};

/**
 * The key or the upload is not as the call expects: perhaps because the call was applied before,
 * and its answer lost (aws/aws-sdk-java-v2#6580). What the key holds decides.
 */
const isEcho = (error: unknown): boolean =>
  error instanceof Failure &&
  (httpStatus(error.cause) === 412 || awsErrorName(error.cause) === 'NoSuchUpload');

/** CRC32 of each part and of the whole object is checked by S3; SHA-256 is the caller's. */
export class PartStore {
  readonly #target: UploadTarget;
  readonly #parts: { PartNumber: number; ETag: string; ChecksumCRC32: string }[] = [];
  #uploadId: string | undefined;
  #checksum = 0;
  /** One part is on its way while the next one fills. */
  #inFlight: Promise<void> = Promise.resolve();
  next = 1;
  bytes = 0;

  constructor(target: UploadTarget) {
    this.#target = target;
  }

  get #where() {
    return { Bucket: this.#target.bucket, Key: this.#target.key };
  }

  get #uri(): string {
    return s3Uri(this.#target.bucket, this.#target.key);
  }

  #count(bytes: Uint8Array): void {
    this.#checksum = crc32(bytes, this.#checksum);
    this.bytes += bytes.length;
  }

  #send<T>(doing: string, call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    return attempt(`${doing} ${this.#uri}`, () => call({ abortSignal: this.#target.signal }));
  }

  async store(bytes: Uint8Array): Promise<void> {
    const { s3, contentType } = this.#target;
    this.#count(bytes);
    if (this.#uploadId === undefined) {
      const created = await this.#send('begin', (options) =>
        s3.send(
          new CreateMultipartUploadCommand({
            ...this.#where,
            ContentType: contentType,
            ChecksumAlgorithm: 'CRC32',
            ChecksumType: 'FULL_OBJECT',
          }),
          options,
        ),
      );
      if (created.UploadId === undefined) {
        throw new Failure('transient', `S3 gave no upload id for ${this.#uri}`);
      }
      this.#uploadId = created.UploadId;
    }
    await this.#inFlight;
    const number = this.next;
    const checksum = base64(crc32(bytes));
    const uploadId = this.#uploadId;
    this.next += 1;
    this.#inFlight = this.#send(`store part ${String(number)} of`, (options) =>
      s3.send(
        new UploadPartCommand({
          ...this.#where,
          UploadId: uploadId,
          PartNumber: number,
          Body: bytes,
          ChecksumAlgorithm: 'CRC32',
          ChecksumCRC32: checksum,
        }),
        options,
      ),
    ).then(({ ETag }) => {
      this.#parts.push({ PartNumber: number, ETag: ETag ?? '', ChecksumCRC32: checksum });
      this.#target.onProgress?.(this.bytes);
    });
    // Awaited with the next part or at the end; until then a failure must not count as unhandled.
    this.#inFlight.catch(() => undefined);
  }

  async finish(last: Uint8Array): Promise<void> {
    try {
      if (this.#uploadId === undefined) await this.#putWhole(last);
      else await this.#complete(last);
    } catch (error) {
      if (!isEcho(error)) throw error;
      await this.abandon();
    }
    await this.#verify();
  }

  async #putWhole(bytes: Uint8Array): Promise<void> {
    const { s3, contentType } = this.#target;
    this.#count(bytes);
    await this.#send('write', (options) =>
      s3.send(
        new PutObjectCommand({
          ...this.#where,
          Body: bytes,
          ContentType: contentType,
          IfNoneMatch: '*',
          ChecksumAlgorithm: 'CRC32',
          ChecksumCRC32: base64(this.#checksum),
        }),
        options,
      ),
    );
  }

  async #complete(last: Uint8Array): Promise<void> {
    if (last.length > 0) await this.store(last);
    await this.#inFlight;
    await this.#send('complete', (options) =>
      this.#target.s3.send(
        new CompleteMultipartUploadCommand({
          ...this.#where,
          UploadId: this.#uploadId,
          MultipartUpload: { Parts: this.#parts },
          IfNoneMatch: '*',
          MpuObjectSize: this.bytes,
          ChecksumType: 'FULL_OBJECT',
          ChecksumCRC32: base64(this.#checksum),
        }),
        options,
      ),
    );
    this.#uploadId = undefined;
  }

  /** Reads back what S3 says it holds. */
  async #verify(): Promise<void> {
    const found = await this.#send('verify', (options) =>
      this.#target.s3.send(
        new HeadObjectCommand({ ...this.#where, ChecksumMode: 'ENABLED' }),
        options,
      ),
    ).catch((error: unknown) => {
      if (!(error instanceof Failure) || httpStatus(error.cause) !== 404) throw error;
      throw new Failure('transient', `${this.#uri} is gone: removed while it was written`, {
        cause: error.cause,
      });
    });
    if (found.ContentLength !== this.bytes || found.ChecksumCRC32 !== base64(this.#checksum)) {
      throw new Failure(
        'data',
        `${this.#uri} holds another content than this run wrote (${String(found.ContentLength)} bytes there, ${String(this.bytes)} written)`,
        { action: 'this run has been used before: choose another --run-id, or none' },
      );
    }
  }

  async #abort(): Promise<void> {
    if (this.#uploadId === undefined) return;
    const UploadId = this.#uploadId;
    this.#uploadId = undefined;
    await attempt(`abort the upload of ${this.#uri}`, () =>
      this.#target.s3.send(new AbortMultipartUploadCommand({ ...this.#where, UploadId })),
    );
  }

  /** After a failure. A lost abort leaves parts that a lifecycle rule or `sweep` removes. */
  async abandon(): Promise<void> {
    await this.#inFlight.catch(() => undefined);
    await this.#abort().catch(() => undefined);
  }
}
