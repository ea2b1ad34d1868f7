/** The key pair with which callers sign, and with which an emulator signs its own requests to S3. */
import { type KeyPair, keyPairOf, newKeyPair } from '../key-pair.ts';
import { UsageError } from './endpoint-arguments.ts';

export interface CallerKeys {
  readonly keys: KeyPair;
  /** Nobody else knows a new pair, so the program has to print it. */
  readonly isNew: boolean;
}

/** The pair of the environment, or else a random one. @throws UsageError if the environment has half a pair. */
export function callerKeys(environment: Readonly<Record<string, string | undefined>>): CallerKeys {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  if (AWS_ACCESS_KEY_ID === '' && AWS_SECRET_ACCESS_KEY === '') {
    return { keys: newKeyPair(), isNew: true };
  }
  try {
    return { keys: keyPairOf(environment), isNew: false };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
