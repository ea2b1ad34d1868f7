/** S3, Secrets Manager and STS: ministack, which keeps objects as files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BucketAlreadyOwnedByYou, CreateBucketCommand } from '@aws-sdk/client-s3';
import { answersOk, type Service } from '../supervisor/service.ts';
import { openS3, type S3Access } from './s3-client.ts';

export function s3Service(
  stateDir: string,
  port: number,
  python: string,
  access: S3Access,
  bucket: string,
  allowedHosts: readonly string[] = [],
): Service {
  const dir = join(stateDir, 's3');
  return {
    name: 's3',
    port,
    stopSignal: 'SIGTERM',
    prepare: async () => {
      const folders = { data: join(dir, 'data'), state: join(dir, 'state'), tmp: join(dir, 'tmp') };
      for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
      return {
        file: python,
        args: [join(import.meta.dirname, 's3_server.py')],
        env: {
          GATEWAY_PORT: String(port),
          ALLOWED_HOSTS: allowedHosts.join(','),
          AWS_ACCESS_KEY_ID: access.accessKeyId,
          AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
          BIND_HOST: '127.0.0.1',
          SERVICES: 's3,secretsmanager,sts',
          S3_PERSIST: '1',
          S3_DATA_DIR: folders.data,
          PERSIST_STATE: '1',
          STATE_DIR: folders.state,
          MINISTACK_REGION: access.region,
          TMPDIR: folders.tmp,
          PYTHONUNBUFFERED: '1',
        },
      };
    },
    isHealthy: () => answersOk(`${access.endpoint}/_ministack/health`),
    // An empty bucket does not survive a kill, so it is created at each start.
    afterStart: () => createBucket(access, bucket),
  };
}

/** An existing bucket is fine. S3 reports it as an error outside us-east-1; ministack does after a kill. */
export async function createBucket(access: S3Access, bucket: string): Promise<void> {
  const client = openS3(access);
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (error instanceof BucketAlreadyOwnedByYou) return;
    throw new Error(`could not create the bucket ${bucket}: ${String(error)}`, { cause: error });
  } finally {
    client.destroy();
  }
}
