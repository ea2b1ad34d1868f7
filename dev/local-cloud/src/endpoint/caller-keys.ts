/** The key pair with which callers sign, and with which an emulator signs its own requests to S3. */
import { randomBytes } from 'node:crypto';
import type { KeyPair } from '../s3/s3-client.ts';
import { UsageError } from './endpoint-arguments.ts';

export interface CallerKeys extends KeyPair {
  /** Nobody else knows a new pair, so the program has to print it. */
  readonly isNew: boolean;
}

/** From AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or else a random pair. @throws UsageError if one of them is missing. */
export function callerKeys(
  environment: Readonly<Record<string, string | undefined>>,
): CallerKeys {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  if ((accessKeyId === '') !== (secretAccessKey === '')) {
    throw new UsageError('set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither');
  }
  if (accessKeyId !== '') return { accessKeyId, secretAccessKey, isNew: false };
  return {
    // The lengths of AWS; some clients check them.
    accessKeyId: `LKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
    isNew: true,
  };
}
