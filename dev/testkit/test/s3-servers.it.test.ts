/** Checks the table in docs/s3-servers.md against the S3 server that runs. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { sign } from '@user-behaviour/local-cloud/endpoint/signature';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integrationBackend } from '../src/servers/backend.ts';
import { freshBucket, type TestBucket } from '../src/servers/bucket.ts';
import { startTestCloud, type TestCloud } from '../src/servers/cloud.ts';

/** The differences between the servers; everything else is the same on both. */
const known = {
  local: { completionsThatWin: [1], partOfAnotherChecksum: 'taken', conditionalDelete: 'done' },
  docker: {
    completionsThatWin: [1, 2, 3, 4, 5, 6, 7, 8],
    partOfAnotherChecksum: 'InvalidPart',
    conditionalDelete: 'NotImplemented',
  },
}[integrationBackend()];

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['s3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const Key = 'key';

/** `done`, or the name of the error. */
const outcome = (call: Promise<unknown>, done: string): Promise<string> =>
  call.then(
    () => done,
    (error: unknown) => (error instanceof S3ServiceException ? error.name : String(error)),
  );

const put = (bucket: TestBucket, Body: string, condition: object) =>
  outcome(
    bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body, ...condition })),
    'done',
  );

const writers = Array.from({ length: 16 }, (_, writer) => String(writer));

/** PreconditionFailed or, on AWS in a close race, ConditionalRequestConflict. */
const lost = /^(PreconditionFailed|ConditionalRequestConflict)$/;

/** Starts an upload of one part. Returns a function that completes it. */
async function upload(bucket: TestBucket, algorithm?: 'SHA256'): Promise<() => Promise<string>> {
  const { client, name: Bucket } = bucket;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm }),
    }),
  );
  const part = { Bucket, Key, UploadId, PartNumber: 1, Body: 'part' };
  const { ETag, ChecksumSHA256, ChecksumCRC32 } = await client.send(
    new UploadPartCommand({
      ...part,
      ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm }),
    }),
  );
  const Parts = [{ PartNumber: 1, ETag, ChecksumSHA256, ChecksumCRC32 }];
  const MultipartUpload = { Parts };
  return () =>
    outcome(
      client.send(
        new CompleteMultipartUploadCommand({
          ...{ Bucket, Key, UploadId, MultipartUpload, IfNoneMatch: '*' },
        }),
      ),
      'taken',
    );
}

describe('a manifest can be published with PutObject', () => {
  it('with If-None-Match exactly one of many writers wins, every time', async () => {
    await using bucket = await freshBucket(cloud);
    for (const round of ['a', 'b', 'c']) {
      const ends = await Promise.all(
        writers.map((writer) => put(bucket, writer, { Key: round, IfNoneMatch: '*' })),
      );
      expect(ends.filter((end) => end === 'done')).toHaveLength(1);
      for (const end of ends.filter((one) => one !== 'done')) expect(end).toMatch(lost);
      expect(await bucket.text(round)).toBe(writers[ends.indexOf('done')]);
    }
  });

  it('with If-Match exactly one of many writers wins, and none if the object is gone', async () => {
    await using bucket = await freshBucket(cloud);
    const { client, name: Bucket } = bucket;
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'first' }));
    const ends = await Promise.all(writers.map((writer) => put(bucket, writer, { IfMatch: ETag })));
    expect(ends.filter((end) => end === 'done')).toHaveLength(1);
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await put(bucket, 'late', { IfMatch: ETag })).toBe('NoSuchKey');
  });

  it('but not with a multipart upload: several concurrent ones may win', async () => {
    await using bucket = await freshBucket(cloud);
    const uploads = await Promise.all(writers.slice(0, 8).map(() => upload(bucket, 'SHA256')));
    const ends = await Promise.all(uploads.map((complete) => complete()));
    const winners = ends.filter((end) => end === 'taken').length;
    expect(known.completionsThatWin).toContain(winners);
    // One after another, both servers reject the second.
    expect(await (await upload(bucket, 'SHA256'))()).toBe('PreconditionFailed');
  });
});

it('a part with a checksum that the upload was not created for', async () => {
  await using bucket = await freshBucket(cloud);
  expect(await (await upload(bucket))()).toBe(known.partOfAnotherChecksum);
});

it('a wrong checksum is rejected', async () => {
  await using bucket = await freshBucket(cloud);
  expect(await put(bucket, 'text', { ChecksumCRC32: 'AAAAAA==' })).toMatch(
    /^(BadDigest|InvalidRequest|XAmzContentChecksumMismatch)$/,
  );
  expect(await bucket.keys()).toEqual([]);
});

it('DeleteObject with If-Match', async () => {
  await using bucket = await freshBucket(cloud);
  const { client, name: Bucket } = bucket;
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const remove = (IfMatch: string | undefined) =>
    outcome(client.send(new DeleteObjectCommand({ Bucket, Key, IfMatch })), 'done');
  expect(await remove('"0123456789abcdef0123456789abcdef"')).not.toBe('done');
  expect(await bucket.keys()).toEqual([Key]);
  expect(await remove(ETag)).toBe(known.conditionalDelete);
});

it('Secrets Manager answers on the same port', async () => {
  const url = new URL(cloud.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? '');
  const request = {
    method: 'POST',
    target: url.pathname,
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.ListSecrets',
    },
    body: '{}',
  };
  const signer = { keys: keyPairOf(cloud.env), signingName: 'secretsmanager' };
  const { headers } = await sign(request, signer, cloud.env['AWS_REGION'] ?? '');
  const reply = await fetch(url, { ...request, headers });
  expect(await reply.json()).toMatchObject({ SecretList: [] });
});
