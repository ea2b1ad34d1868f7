/** Reads the source's address from AWS Secrets Manager. */
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';

/** The structure of RDS's own secrets (Secrets Manager guide, "JSON structure of secrets"); other keys are ignored. */
const databaseSecret = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().default(5432),
  dbname: z.string().min(1),
  username: z.string().min(1),
  password: z.string().min(1),
});

/** Errors of a secret that a retry cannot help (Secrets Manager API reference, GetSecretValue). */
const permanentErrors = new Set([
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
]);

/**
 * Returns a postgres:// URL. No message contains the secret's text.
 * @throws a configuration failure if the secret cannot be read or does not describe a database, and a
 * transient one if Secrets Manager fails.
 */
export async function addressFromSecret(secretArn: string, region: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(clientSettings(region, undefined));
  try {
    const { SecretString } = await attempt(`read secret ${secretArn}`, () =>
      client.send(new GetSecretValueCommand({ SecretId: secretArn })),
    ).catch((error: unknown) => {
      if (!(error instanceof Failure) || !permanentErrors.has(awsErrorName(error.cause)))
        throw error;
      throw new Failure('configuration', error.message, {
        cause: error.cause,
        action:
          'correct SOURCE_DATABASE_SECRET_ARN; the secret must be in AWS_REGION, must not be scheduled for deletion, and must be encrypted with a key that this job may use',
      });
    });
    const secret = databaseSecret.safeParse(parseJson(SecretString));
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

/** Returns undefined for anything but JSON: the parser's own error would quote the secret. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
