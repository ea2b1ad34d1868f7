/** The access key and secret key of one local cloud: all that its services accept. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';

export const keyPair = z.object({
  accessKeyId: z.string().min(16),
  secretAccessKey: z.string().min(32),
});
export type KeyPair = z.infer<typeof keyPair>;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A random pair. It does not begin with AKIA or LKIA, from which LocalStack derives an account, and the secret
 * consists of hexadecimal digits, which need no quotes anywhere.
 */
export function newKeyPair(): KeyPair {
  const random = Array.from(randomBytes(15), (byte) => letters[byte % letters.length] ?? 'A');
  return {
    accessKeyId: `LOCAL${random.join('')}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
}

/** The pair in these variables. @throws if one of the two is missing. */
export function keyPairOf(variables: Readonly<Record<string, string | undefined>>): KeyPair {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = variables;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
  }
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
}
