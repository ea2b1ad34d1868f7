/** A bucket in memory, with conditional writes and faults, for unit tests. */
import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';

interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
}

const error = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

export class InMemoryBucket {
  readonly name = 'lake';
  readonly objects = new Map<string, StoredObject>();
  /** Keys that DeleteObjects reports as not deleted. */
  readonly undeletable = new Set<string>();
  /** Called before a command is applied. If it throws, the command is not applied. */
  before: (command: object) => unknown = () => undefined;
  /** Called after a command was applied. If it throws, the reply is lost. */
  after: (command: object) => unknown = () => undefined;

  get client(): S3Client {
    return this as unknown as S3Client;
  }

  get where() {
    return { s3: this.client, bucket: this.name };
  }

  put(key: string, content: string | Uint8Array): Promise<void> {
    this.#store(key, content);
    return Promise.resolve();
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.body.toString();
  }

  async send(command: object): Promise<unknown> {
    await this.before(command);
    const reply = this.#apply(command);
    await this.after(command);
    return reply;
  }

  #apply(command: object): unknown {
    if (command instanceof GetObjectCommand) return this.#get(String(command.input.Key));
    if (command instanceof PutObjectCommand) return this.#put(command.input);
    if (command instanceof DeleteObjectCommand) return this.#delete(command.input);
    if (command instanceof HeadObjectCommand) {
      return { ContentLength: this.#require(String(command.input.Key)).body.length };
    }
    if (command instanceof ListObjectsV2Command) {
      const keys = [...this.objects.keys()].filter((key) =>
        key.startsWith(String(command.input.Prefix)),
      );
      return {
        Contents: keys.sort().map((Key) => {
          const { body, etag } = this.#require(Key);
          return { Key, Size: body.length, ETag: etag };
        }),
      };
    }
    if (command instanceof DeleteObjectsCommand) {
      const keys = (command.input.Delete?.Objects ?? []).map(({ Key }) => String(Key));
      for (const key of keys) if (!this.undeletable.has(key)) this.objects.delete(key);
      return {
        Errors: keys
          .filter((key) => this.undeletable.has(key))
          .map((Key) => ({ Key, Code: 'InternalError' })),
      };
    }
    throw new TypeError(`the bucket in memory does not support ${command.constructor.name}`);
  }

  #require(key: string): StoredObject {
    const found = this.objects.get(key);
    if (found === undefined) throw error('NoSuchKey', 404);
    return found;
  }

  #get(key: string): unknown {
    const { body, etag } = this.#require(key);
    return {
      ETag: etag,
      Body: {
        transformToString: () => Promise.resolve(body.toString()),
        [Symbol.asyncIterator]: () => [body].values(),
      },
    };
  }

  #put({ Key, Body, IfMatch, IfNoneMatch }: PutObjectCommandInput): unknown {
    const key = String(Key);
    if (IfNoneMatch !== undefined && this.objects.has(key)) throw error('PreconditionFailed', 412);
    if (IfMatch !== undefined) this.#requireEtag(key, IfMatch);
    return { ETag: this.#store(key, Body as string) };
  }

  #delete({ Key, IfMatch }: DeleteObjectCommandInput): unknown {
    const key = String(Key);
    if (IfMatch !== undefined) this.#requireEtag(key, IfMatch);
    this.objects.delete(key);
    return {};
  }

  #requireEtag(key: string, etag: string): void {
    if (this.#require(key).etag !== etag) throw error('PreconditionFailed', 412);
  }

  #store(key: string, content: string | Uint8Array): string {
    const body = Buffer.from(content);
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    this.objects.set(key, { body, etag });
    return etag;
  }
}
