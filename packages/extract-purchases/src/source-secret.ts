/** The source's address out of AWS Secrets Manager, in the form that RDS keeps there. */
import { attempt } from '@user-behaviour/shared/aws-failure';
import { clientSettings } from '@user-behaviour/shared/aws-client';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';

const databaseSecret = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().default(5432),
  dbname: z.string().min(1),
  username: z.string().min(1),
  password: z.string().min(1),
});

/** A postgres:// URL. The secret's text is in no message. */
export async function addressFromSecret(secretArn: string, region: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(clientSettings(region, undefined));
  try {
    const { SecretString } = await attempt(`read secret ${secretArn}`, () =>
      client.send(new GetSecretValueCommand({ SecretId: secretArn })),
    );
    const secret = databaseSecret.safeParse(json(SecretString));
    if (!secret.success) {
      throw new Failure(
        'configuration',
        `secret ${secretArn} does not describe a database; expected JSON with host, port, dbname, username and password`,
      );
    }
    const { host, port, dbname, username, password } = secret.data;
    const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
    return `postgres://${login}@${host}:${String(port)}/${encodeURIComponent(dbname)}`;
  } finally {
    client.destroy();
  }
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
