/** An in-memory S3 with conditional writes, multipart uploads and checksums. It can inject faults before or after a call. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
}

export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Runs at each call; it can wait, change the bucket, or throw. */
type Fault = (call: Call) => unknown;

export function s3Error(name: string, status: number): Error {
  return Object.assign(new Error(`${name}, says S3`), {
    name,
    $metadata: { httpStatusCode: status, requestId: 'R1' },
  });
}

function crc32Base64(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

export class InMemoryS3 {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  readonly calls: Call[] = [];
  /** If it throws, the call never reaches S3. */
  before: Fault = () => undefined;
  /** If it throws, the call has taken effect but its response is lost. */
  after: Fault = () => undefined;

  get client(): S3Client {
    return this as unknown as S3Client;
  }

  put(key: string, text: string): string {
    return this.#store(key, Buffer.from(text));
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.body.toString();
  }

  named(name: string): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  async send(
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown> {
    const call: Call = { name: command.constructor.name, input: { ...command.input } };
    this.calls.push(call);
    if (options?.abortSignal?.aborted === true) {
      throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    }
    await this.before(call);
    const answer = this.#apply(command);
    await this.after(call);
    return answer;
  }

  #apply(command: object): unknown {
    if (command instanceof GetObjectCommand) return this.#get(command.input.Key);
    if (command instanceof HeadObjectCommand) return this.#head(command.input.Key);
    if (command instanceof PutObjectCommand) {
      const body = Buffer.from(command.input.Body as Uint8Array | string);
      return this.#write(command.input, body);
    }
    if (command instanceof DeleteObjectCommand) {
      this.objects.delete(String(command.input.Key));
      return {};
    }
    if (command instanceof CreateMultipartUploadCommand) {
      const UploadId = `upload-${String(this.calls.length)}`;
      this.uploads.set(UploadId, new Map());
      return { UploadId };
    }
    if (command instanceof UploadPartCommand) {
      const { UploadId, PartNumber, Body, ChecksumCRC32 } = command.input;
      const body = Buffer.from(Body as Uint8Array);
      if (crc32Base64(body) !== ChecksumCRC32) throw s3Error('BadDigest', 400);
      this.#upload(UploadId).set(PartNumber ?? 0, body);
      return { ETag: `"part-${String(PartNumber)}"` };
    }
    if (command instanceof CompleteMultipartUploadCommand) {
      const parts = this.#upload(command.input.UploadId);
      const named = command.input.MultipartUpload?.Parts ?? [];
      const body = Buffer.concat(
        named.map(({ PartNumber }) => parts.get(PartNumber ?? 0) ?? Buffer.alloc(0)),
      );
      if (command.input.MpuObjectSize !== body.length) throw s3Error('InvalidRequest', 400);
      const answer = this.#write(command.input, body);
      this.uploads.delete(String(command.input.UploadId));
      return answer;
    }
    if (command instanceof AbortMultipartUploadCommand) {
      this.#upload(command.input.UploadId);
      this.uploads.delete(String(command.input.UploadId));
      return {};
    }
    throw new TypeError(`the in-memory S3 does not support ${command.constructor.name}`);
  }

  #write(
    input: Pick<PutObjectCommandInput, 'Key' | 'IfNoneMatch' | 'IfMatch' | 'ChecksumCRC32'>,
    body: Buffer,
  ): unknown {
    const key = String(input.Key);
    const found = this.objects.get(key);
    if (input.IfNoneMatch === '*' && found !== undefined) throw s3Error('PreconditionFailed', 412);
    if (input.IfMatch !== undefined) {
      if (found === undefined) throw s3Error('NoSuchKey', 404);
      if (found.etag !== input.IfMatch) throw s3Error('PreconditionFailed', 412);
    }
    if (input.ChecksumCRC32 !== undefined && input.ChecksumCRC32 !== crc32Base64(body)) {
      throw s3Error('BadDigest', 400);
    }
    return { ETag: this.#store(key, body) };
  }

  #store(key: string, body: Buffer): string {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    this.objects.set(key, { body, etag });
    return etag;
  }

  #get(key: string | undefined): unknown {
    const found = this.objects.get(String(key));
    if (found === undefined) throw s3Error('NoSuchKey', 404);
    const Body = { transformToString: () => Promise.resolve(found.body.toString()) };
    return { Body, ETag: found.etag };
  }

  #head(key: string | undefined): unknown {
    const found = this.objects.get(String(key));
    if (found === undefined) throw s3Error('NotFound', 404);
    return { ContentLength: found.body.length, ChecksumCRC32: crc32Base64(found.body) };
  }

  #upload(id: string | undefined): Map<number, Buffer> {
    const parts = this.uploads.get(String(id));
    if (parts === undefined) throw s3Error('NoSuchUpload', 404);
    return parts;
  }
}
