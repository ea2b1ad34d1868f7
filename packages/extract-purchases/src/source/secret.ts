/** The source's address out of AWS Secrets Manager, in the form that RDS keeps there. */
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';

const databaseSecret = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().default(5432),
  dbname: z.string().min(1),
  username: z.string().min(1),
  password: z.string().min(1),
});

/** What Secrets Manager says of a secret that no retry makes usable (its API reference, GetSecretValue, Errors). */
const unusable = new Set([
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
]);

/** A postgres:// URL. The secret's text is in no message. */
export async function addressFromSecret(secretArn: string, region: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(clientSettings(region, undefined));
  try {
    const { SecretString } = await attempt(`read secret ${secretArn}`, () =>
      client.send(new GetSecretValueCommand({ SecretId: secretArn })),
    ).catch((error: unknown) => {
      if (!(error instanceof Failure) || !unusable.has(awsErrorName(error.cause))) throw error;
      throw new Failure('configuration', error.message, {
        cause: error.cause,
        action:
          'correct SOURCE_DATABASE_SECRET_ARN; the secret must be in AWS_REGION, not marked for deletion, and encrypted with a key that this job may use',
      });
    });
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
