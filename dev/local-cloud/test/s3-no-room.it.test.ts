/** A full disk: S3 keeps what it has acknowledged, and nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { defaultPython } from '../src/installation.ts';
import { answersOk } from '../src/supervisor/service.ts';
import { choosePorts } from '../src/ports.ts';
import { s3Service } from '../src/s3/s3-service.ts';
import { eventually, s3Client, scratchFolder } from './scratch.ts';

const Bucket = 'stages';

/** The local cloud's S3 in this folder, with a limit on the size of its files. */
async function startS3(stateDir: string, blocks: number | 'unlimited') {
  const { s3: port } = await choosePorts(['s3'], {}, {});
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const access = { endpoint, region: 'eu-west-1', accessKeyId: 'a', secretAccessKey: 'b' };
  const service = s3Service(stateDir, port, defaultPython, access, Bucket);
  const { file, args, env } = await service.prepare();
  const limited = ['-c', `ulimit -f ${String(blocks)} && exec "$0" "$@"`, file, ...args];
  const child = spawn('sh', limited, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(child, 'close');
  await eventually('S3 answers', async () =>
    (await answersOk(`${endpoint}/_ministack/health`)) ? true : undefined,
  );
  const client = s3Client({
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
  });
  return {
    client,
    read: async (Key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Body?.transformToString();
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      child.kill('SIGTERM');
      await closed;
    },
  };
}

const noRoom = { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } };

it('rejects what it cannot store, and keeps what it has', async () => {
  await using folder = await scratchFolder();
  {
    await using s3 = await startS3(folder.path, 256);
    const { client } = s3;
    const put = (Key: string, Body: string, more: { IfNoneMatch?: '*' } = {}) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    await client.send(new CreateBucketCommand({ Bucket }));
    await put('pointer', 'old');
    const large = 'x'.repeat(1024 * 1024);

    await expect(put('pointer', large)).rejects.toMatchObject(noRoom);
    expect(await s3.read('pointer')).toBe('old');
    await expect(put('other', large, { IfNoneMatch: '*' })).rejects.toMatchObject(noRoom);
    // Nobody has made it: who tries again with less may.
    await put('other', 'small', { IfNoneMatch: '*' });

    const where = { Bucket, Key: 'in-parts' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
    const upload = { ...where, UploadId };
    const { ETag } = await client.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: large }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = () =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    await expect(complete()).rejects.toMatchObject(noRoom);
    // It can be retried, because it is not complete; the reply does not come from memory.
    await expect(complete()).rejects.toMatchObject(noRoom);
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toMatchObject([{ UploadId }]);
  }
  await using again = await startS3(folder.path, 'unlimited');
  const { Contents = [] } = await again.client.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents.map(({ Key }) => Key)).toEqual(['other', 'pointer']);
  expect(await again.read('pointer')).toBe('old');
  expect(await again.read('other')).toBe('small');
});
