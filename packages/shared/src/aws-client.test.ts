import { describe, expect, it } from 'vitest';
import { clientSettings, createS3Client } from './aws-client.ts';

describe('the S3 client', () => {
  it('addresses buckets by path at an endpoint of its own', async () => {
    const client = createS3Client({
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
    });
    expect(client.config.forcePathStyle).toBe(true);
    expect(await client.config.region()).toBe('eu-west-1');
    expect(await client.config.endpoint?.()).toMatchObject({ hostname: '127.0.0.1', port: 4566 });
  });

  it("addresses buckets by host name at AWS's", () => {
    expect(createS3Client({ AWS_REGION: 'eu-west-1' }).config.forcePathStyle).toBe(false);
  });
});

describe('the settings of a client', () => {
  it('name no endpoint unless there is one', () => {
    expect(clientSettings('eu-west-1', undefined)).not.toHaveProperty('endpoint');
    expect(clientSettings('eu-west-1', 'http://x')).toMatchObject({ endpoint: 'http://x' });
  });

  it('give up a silent socket', () => {
    const { requestHandler } = clientSettings('eu-west-1', undefined);
    expect(requestHandler.connectionTimeout).toBeGreaterThan(0);
    expect(requestHandler.socketTimeout).toBeGreaterThan(0);
  });
});
