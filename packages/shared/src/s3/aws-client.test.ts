import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { clientSettings, createS3Client } from './aws-client.ts';

describe('the S3 client', () => {
  it('addresses buckets by path at a custom endpoint', async () => {
    const client = createS3Client({
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
    });
    expect(client.config.forcePathStyle).toBe(true);
    expect(await client.config.region()).toBe('eu-west-1');
    expect(await client.config.endpoint?.()).toMatchObject({ hostname: '127.0.0.1', port: 4566 });
  });

  it('addresses buckets by host name at AWS', () => {
    expect(createS3Client({ AWS_REGION: 'eu-west-1' }).config.forcePathStyle).toBe(false);
  });
});

it('sends large parts over the same connection', async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('ETag', '"x"').end());
  });
  server.on('connection', () => (connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createS3Client({
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${String(port)}`,
  });
  client.config.credentials = () =>
    Promise.resolve({ accessKeyId: 'key', secretAccessKey: 'secret' });
  try {
    for (const PartNumber of [1, 2, 3]) {
      const part = { Bucket: 'stages', Key: 'k', UploadId: 'u', PartNumber };
      await client.send(new UploadPartCommand({ ...part, Body: Buffer.alloc(6 * 1024 * 1024) }));
    }
    expect(connections).toBe(1);
  } finally {
    client.destroy();
    server.close();
  }
});

describe('the signature', () => {
  /** The headers of a request that is never sent. */
  async function headersOf(checksum: { ChecksumCRC32?: string }): Promise<Record<string, string>> {
    let headers: Record<string, string> = {};
    const client = createS3Client({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: 'http://x' });
    client.config.credentials = () =>
      Promise.resolve({ accessKeyId: 'key', secretAccessKey: 'secret' });
    client.config.requestHandler.handle = (request) => {
      ({ headers } = request as { headers: Record<string, string> });
      return Promise.reject(new Error('not sent'));
    };
    const put = new PutObjectCommand({ Bucket: 'stages', Key: 'k', Body: 'abc', ...checksum });
    await expect(client.send(put)).rejects.toThrow('not sent');
    return headers;
  }

  it('covers the checksum instead of the body if there is one', async () => {
    const headers = await headersOf({ ChecksumCRC32: 'NSRBwg==' });
    expect(headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
    expect(headers['authorization']).toMatch(/SignedHeaders=[^,]*x-amz-checksum-crc32/);
  });
});

describe('clientSettings', () => {
  it('contain an endpoint only if one is given', () => {
    expect(clientSettings('eu-west-1', undefined)).not.toHaveProperty('endpoint');
    expect(clientSettings('eu-west-1', 'http://x')).toMatchObject({ endpoint: 'http://x' });
  });

  it('contain timeouts', () => {
    const { requestHandler } = clientSettings('eu-west-1', undefined);
    expect(requestHandler.connectionTimeout).toBeGreaterThan(0);
    expect(requestHandler.socketTimeout).toBeGreaterThan(0);
  });
});
