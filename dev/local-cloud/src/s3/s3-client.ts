/** How the local cloud's programs reach S3. */
import { S3Client } from '@aws-sdk/client-s3';
import type { KeyPair } from '../key-pair.ts';

export interface S3Access extends KeyPair {
  readonly endpoint: string;
  readonly region: string;
}

/** An emulator may start without S3; what needs it fails then. */
export type PossibleS3 = Omit<S3Access, 'endpoint'> & { readonly endpoint: string | undefined };

const noS3 = () =>
  Promise.reject(new Error('there is no S3 here: start this emulator with --s3 and its address'));

/** Never reaches AWS itself: without an endpoint, each call fails with a message that says so. */
export function openS3(access: PossibleS3): S3Client {
  const { endpoint = 'http://127.0.0.1', region, accessKeyId, secretAccessKey } = access;
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    ...(access.endpoint === undefined ? { requestHandler: { handle: noS3 }, maxAttempts: 1 } : {}),
  });
}
