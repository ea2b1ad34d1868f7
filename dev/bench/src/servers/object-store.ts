/** The bucket of one run: created before it, inspected after it, then deleted. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { CsvDigester, type CsvDigest } from '../measure/csv-digest.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

export class ObjectStore implements Disposable {
  readonly #client: S3Client;
  #made = 0;

  constructor(env: Readonly<Record<string, string>>) {
    this.#client = new S3Client({
      endpoint: env['AWS_ENDPOINT_URL_S3'] ?? '',
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
      forcePathStyle: true,
    });
  }

  /** Creates an empty bucket and returns its name. */
  async makeBucket(): Promise<string> {
    this.#made += 1;
    const name = `bench-${String(Date.now())}-${String(this.#made)}`;
    await this.#client.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  async list(bucket: string): Promise<readonly StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const page of paginateListObjectsV2({ client: this.#client }, { Bucket: bucket })) {
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0 });
      }
    }
    return found;
  }

  /** One digest per key; each object has a header. */
  async digest(bucket: string, keys: readonly string[]): Promise<readonly CsvDigest[]> {
    const digests: CsvDigest[] = [];
    for (const key of keys) {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) throw new Error(`${key} came without a body`);
      const digester = new CsvDigester();
      for await (const piece of Body as AsyncIterable<Uint8Array>) digester.update(piece);
      digests.push(digester.digest());
    }
    return digests;
  }

  async deleteBucket(bucket: string): Promise<void> {
    const keys = (await this.list(bucket)).map(({ key }) => ({ Key: key }));
    for (let at = 0; at < keys.length; at += 1_000) {
      const Delete = { Objects: keys.slice(at, at + 1_000), Quiet: true };
      await this.#client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    }
    await this.#client.send(new DeleteBucketCommand({ Bucket: bucket }));
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
