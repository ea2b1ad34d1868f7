/** Resolves where the source is and how to log in, from the configuration. */
import type { ClientConfig } from 'pg';
import { parseAddress } from './address.ts';
import type { SourceConfiguration } from './config.ts';
import { addressFromSecret } from './secret.ts';

/** @throws a configuration failure if the address or the secret cannot be used; transient if AWS fails. */
export async function connectionSettings({
  SOURCE_DATABASE_URL,
  SOURCE_DATABASE_SECRET_ARN = '',
  SOURCE_DATABASE_CA_FILE,
  AWS_REGION,
}: SourceConfiguration): Promise<ClientConfig> {
  const address =
    SOURCE_DATABASE_URL ?? (await addressFromSecret(SOURCE_DATABASE_SECRET_ARN, AWS_REGION));
  return parseAddress(address, SOURCE_DATABASE_CA_FILE);
}
