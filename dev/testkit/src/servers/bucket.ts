/** A separate bucket for each test, on the one server of the test file. */
import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import type { TestCloud } from './cloud.ts';

export interface TestBucket extends AsyncDisposable {
  readonly name: string;
  readonly client: S3Client;
  /** The cloud's variables, with this bucket as PIPELINE_BUCKET. */
  readonly env: Readonly<Record<string, string>>;
  /** All keys below the prefix, in S3's order. Without one, the records of runs are left out: each run adds one. */
  readonly keys: (prefix?: string) => Promise<readonly string[]>;
  readonly text: (key: string) => Promise<string>;
  readonly bytes: (key: string) => Promise<Uint8Array>;
  readonly put: (key: string, body: string | Uint8Array) => Promise<void>;
}

/** Creates an empty bucket; disposal empties and deletes it. */
export async function freshBucket(cloud: Pick<TestCloud, 'env'>): Promise<TestBucket> {
  const client = s3Client(cloud.env);
  const name = `test-${randomBytes(6).toString('hex')}`;
  const Bucket = name;
  await client.send(new CreateBucketCommand({ Bucket }));
  const body = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    if (Body === undefined) throw new Error(`${key} came without a body`);
    return Body;
  };
  const keys = async (prefix?: string) => {
    const found = await listKeys(client, name, prefix ?? '');
    return prefix === undefined ? found.filter((key) => !key.startsWith('runs/')) : found;
  };
  return {
    name,
    client,
    env: { ...cloud.env, PIPELINE_BUCKET: name },
    keys,
    text: async (key) => (await body(key)).transformToString(),
    bytes: async (key) => (await body(key)).transformToByteArray(),
    put: async (key, content) => {
      await client.send(new PutObjectCommand({ Bucket, Key: key, Body: content }));
    },
    [Symbol.asyncDispose]: async () => {
      const left = await keys('');
      for (let at = 0; at < left.length; at += 1000) {
        const Objects = left.slice(at, at + 1000).map((Key) => ({ Key }));
        await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      }
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}

/** A client for the cloud of these variables, independent of the process's own. */
function s3Client(env: Readonly<Record<string, string>>): S3Client {
  return new S3Client({
    endpoint: required(env, 'AWS_ENDPOINT_URL_S3'),
    region: required(env, 'AWS_REGION'),
    credentials: keyPairOf(env),
    forcePathStyle: true,
  });
}

async function listKeys(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
  }
  return keys;
}

function required(env: Readonly<Record<string, string>>, name: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`${name} is missing: the cloud needs the service s3`);
  return value;
}
