/** Temporary folders, a timeout and an S3 client for the local cloud's tests. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { keyPairOf } from '../src/key-pair.ts';

/** A folder with mode 700, like a clone below root's home. Removed at the end. */
export const scratchFolder = () => mkdtempDisposable(join(tmpdir(), 'local-cloud-'));

/** For vi.waitUntil: how long a service may take to start. */
export const patience = { timeout: 30_000 };

/** A client with the cloud's credentials and without retries. */
export function s3Client(env: Readonly<Record<string, string>>): S3Client {
  return new S3Client({
    endpoint: env['AWS_ENDPOINT_URL_S3'] ?? '',
    region: env['AWS_REGION'] ?? '',
    credentials: keyPairOf(env),
    maxAttempts: 1,
  });
}
