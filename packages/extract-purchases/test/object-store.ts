/** A fake S3 for uploads: stores objects, enforces S3's minimal part size, and can be slow or fail. */
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

const base64 = (body: Uint8Array) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
};

export class ObjectStore {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** Number of parts of each object; 0 if it was written in one request. */
  readonly parts = new Map<string, number>();
  /** Called with the number of each part before it is stored. */
  beforePart: (number: number) => unknown = () => undefined;
  /** Called before an object is written in one request. */
  beforeWhole: () => unknown = () => undefined;
  readonly #minPartBytes: number;

  constructor(minPartBytes: number) {
    this.#minPartBytes = minPartBytes;
  }

  get client(): S3Client {
    return this as unknown as S3Client;
  }

  text(key: string): string {
    return String(this.objects.get(key));
  }

  async send(command: object): Promise<unknown> {
    if (command instanceof CreateMultipartUploadCommand) {
      const UploadId = String(command.input.Key);
      this.uploads.set(UploadId, new Map());
      return { UploadId };
    }
    if (command instanceof UploadPartCommand) {
      const { UploadId, PartNumber = 0, Body, ChecksumCRC32 } = command.input;
      await this.beforePart(PartNumber);
      const body = Buffer.from(Body as Uint8Array);
      if (base64(body) !== ChecksumCRC32) throw new Error('BadDigest');
      if (PartNumber < 1 || PartNumber > 10_000) throw new Error('InvalidArgument');
      this.uploads.get(String(UploadId))?.set(PartNumber, body);
      return { ETag: `"${String(PartNumber)}"` };
    }
    if (command instanceof CompleteMultipartUploadCommand) {
      const { UploadId, Key, MultipartUpload } = command.input;
      const parts = (MultipartUpload?.Parts ?? []).map(({ PartNumber }) => {
        const part = this.uploads.get(String(UploadId))?.get(PartNumber ?? 0);
        if (part === undefined) throw new Error('InvalidPart');
        return part;
      });
      const small = parts.slice(0, -1).some(({ length }) => length < this.#minPartBytes);
      if (small) throw new Error('EntityTooSmall');
      this.uploads.delete(String(UploadId));
      this.objects.set(String(Key), Buffer.concat(parts));
      this.parts.set(String(Key), parts.length);
      return {};
    }
    if (command instanceof PutObjectCommand) {
      const { Key, Body } = command.input;
      await this.beforeWhole();
      this.objects.set(String(Key), Buffer.from(Body as Uint8Array));
      this.parts.set(String(Key), 0);
      return {};
    }
    if (command instanceof HeadObjectCommand) {
      const body = this.objects.get(String(command.input.Key)) ?? Buffer.alloc(0);
      return { ContentLength: body.length, ChecksumCRC32: base64(body) };
    }
    if (command instanceof AbortMultipartUploadCommand) {
      this.uploads.delete(String(command.input.UploadId));
      return {};
    }
    if (command instanceof DeleteObjectCommand) {
      this.objects.delete(String(command.input.Key));
      return {};
    }
    throw new TypeError(`the fake S3 does not support ${command.constructor.name}`);
  }
}
