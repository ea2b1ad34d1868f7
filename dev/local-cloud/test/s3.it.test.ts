/** The S3 semantics that the pipeline relies on, tested against the local cloud's server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { startLocalCloud } from '../src/local-cloud.ts';
import { patience, s3Client, scratchFolder } from './scratch.ts';

const folder = await scratchFolder();
const cloud = await startLocalCloud({ stateDir: folder.path, services: ['s3'], ports: {} });
const s3 = s3Client(cloud.env);
const Bucket = cloud.env['PIPELINE_BUCKET'] ?? '';
afterAll(async () => {
  s3.destroy();
  await cloud[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

it('a small reply comes in one piece, head and body', async () => {
  const { host, hostname, port } = new URL(cloud.env['AWS_ENDPOINT_URL_S3'] ?? '');
  for (let attempt = 1; attempt <= 10; attempt++) {
    const socket = connect(Number(port), hostname);
    socket.write(`GET /_ministack/health HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(first.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{[^]*\}$/);
  }
});

describe('conditional writes', () => {
  it('let exactly one of 16 concurrent creations win', async () => {
    const writers = Array.from({ length: 16 }, (_, writer) => String(writer));
    const outcomes = await Promise.all(
      writers.map(async (Body) => {
        const put = new PutObjectCommand({ Bucket, Key: 'race', Body, IfNoneMatch: '*' });
        return s3.send(put).then(
          () => Body,
          (error: unknown) => error,
        );
      }),
    );
    const winners = outcomes.filter((outcome) => typeof outcome === 'string');
    const losers = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(winners).toHaveLength(1);
    expect(losers).toEqual(
      losers.map(() => expect.objectContaining({ name: 'PreconditionFailed' }) as unknown),
    );
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'race' }));
    expect(await Body?.transformToString()).toBe(winners[0]);
  });

  it('let exactly one of 16 concurrent replacements of one version win', async () => {
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'pointer', Body: 'old' }));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, writer) =>
        s3.send(
          new PutObjectCommand({ Bucket, Key: 'pointer', Body: `new ${writer}`, IfMatch: ETag }),
        ),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('return 404 for If-Match if the object does not exist', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'absent', Body: 'x', IfMatch: '"0"' });
    await expect(s3.send(put)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('checksums', () => {
  it('reject a body that does not match', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'bad', Body: 'x', ChecksumCRC32: 'AAAAAA==' });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  });

  it('of a multipart upload cover the whole object with FULL_OBJECT', async () => {
    const checksum = base64Crc(...parts);
    await upload(s3, 'whole', checksum);
    const head = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'whole', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ ChecksumCRC32: checksum, ChecksumType: 'FULL_OBJECT' });
    await expect(upload(s3, 'wrong', 'AAAAAA==')).rejects.toMatchObject({ name: 'BadDigest' });
    const wrong = new HeadObjectCommand({ Bucket, Key: 'wrong' });
    await expect(s3.send(wrong)).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('of the whole object are not available for SHA-256', async () => {
    const create = new CreateMultipartUploadCommand({
      Bucket,
      Key: 'sha',
      ChecksumAlgorithm: 'SHA256',
      ChecksumType: 'FULL_OBJECT',
    });
    await expect(s3.send(create)).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('kill -9', () => {
  it('loses neither an object nor its checksum', async () => {
    await upload(s3, 'survivor', base64Crc(...parts));
    const pid = cloud.services[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(
      () => cloud.services.find(({ state, pid: now }) => state === 'ready' && now !== pid),
      patience,
    );
    const head = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'survivor', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ ContentLength: 5 * 2 ** 20 + 4, ChecksumType: 'FULL_OBJECT' });
    expect(readFileSync(join(folder.path, 'logs/supervisor.log'), 'utf8')).toContain(
      's3 was ended by SIGKILL: restarting it',
    );
  });
});

const parts = [Buffer.alloc(5 * 2 ** 20, 'a'), Buffer.from('tail')] as const;

function base64Crc(...buffers: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(Buffer.concat(buffers)));
  return bytes.toString('base64');
}

async function upload(client: S3Client, Key: string, ChecksumCRC32: string): Promise<void> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ChecksumAlgorithm: 'CRC32',
      ChecksumType: 'FULL_OBJECT',
    }),
  );
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await client.send(
      new UploadPartCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        Body,
        ChecksumCRC32: base64Crc(Body),
      }),
    );
    Parts.push({ PartNumber, ETag, ChecksumCRC32: base64Crc(Body) });
  }
  await client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC32,
      IfNoneMatch: '*',
    }),
  );
}
