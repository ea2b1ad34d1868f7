/** The source's address in Secrets Manager. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';

/** Stores the database's address as RDS does. Returns the ARN of the secret. */
export async function storeAsSecret(address: string, bucket: TestBucket): Promise<string> {
  const url = new URL(address);
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint = '', AWS_REGION: region = '' } = bucket.env;
  const { credentials } = bucket.client.config;
  const manager = new SecretsManagerClient({ endpoint, region, credentials });
  try {
    const SecretString = JSON.stringify({
      ...{ host: url.hostname, port: Number(url.port), dbname: url.pathname.slice(1) },
      ...{ username: url.username, password: decodeURIComponent(url.password) },
    });
    const Name = `source-of-${bucket.name}`;
    const { ARN = '' } = await manager.send(new CreateSecretCommand({ Name, SecretString }));
    return ARN;
  } finally {
    manager.destroy();
  }
}
