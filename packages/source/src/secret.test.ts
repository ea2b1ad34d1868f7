import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Failure } from '@user-behaviour/shared/failure';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressFromSecret } from './secret.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';
const database = {
  host: 'db.example',
  port: 6543,
  dbname: 'shop',
  username: 'r@ader',
  password: 'p/ss:w?rd',
};

/** Makes Secrets Manager return this text, or fail. */
function mockSecret(secret: string | Error) {
  const answer = () =>
    secret instanceof Error ? Promise.reject(secret) : Promise.resolve({ SecretString: secret });
  return vi.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation(answer as never);
}

async function failure(): Promise<Failure> {
  try {
    await addressFromSecret(arn, 'eu-west-1');
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('expected a Failure');
}

describe('addressFromSecret', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('returns a URL with all parts encoded', async () => {
    const send = mockSecret(JSON.stringify({ ...database, engine: 'postgres' }));
    const url = new URL(await addressFromSecret(arn, 'eu-west-1'));
    expect(url.href).toBe('postgres://r%40ader:p%2Fss%3Aw%3Frd@db.example:6543/shop');
    expect(send.mock.calls[0]?.[0].input).toEqual({ SecretId: arn });
  });

  it("defaults to PostgreSQL's port, and accepts a port that is a string", async () => {
    mockSecret(JSON.stringify({ ...database, port: undefined }));
    expect(await addressFromSecret(arn, 'eu-west-1')).toContain('@db.example:5432/');
    mockSecret(JSON.stringify({ ...database, port: '7000' }));
    expect(await addressFromSecret(arn, 'eu-west-1')).toContain('@db.example:7000/');
  });

  it.each([
    'hunter2',
    '{"password":"hunter2"}',
    JSON.stringify({ ...database, password: 'hunter2', host: '' }),
  ])('rejects the secret %j without quoting it', async (text) => {
    mockSecret(text);
    const found = await failure();
    expect(found.exit).toBe(78);
    expect(found.message).toContain(`secret ${arn} does not describe a database`);
    expect(found.message + String(found.cause)).not.toContain('hunter2');
  });

  it.each([
    'ResourceNotFoundException',
    'InvalidRequestException',
    'InvalidParameterException',
    'DecryptionFailure',
  ])('reports %s as a configuration failure', async (name) => {
    mockSecret(Object.assign(new Error('no such secret'), { name }));
    const found = await failure();
    expect(found).toMatchObject({
      exit: 78,
      message: `could not read secret ${arn}: ${name}: no such secret`,
    });
    expect(found.action).toContain('SOURCE_DATABASE_SECRET_ARN');
  });

  it('reports a failure of Secrets Manager as transient', async () => {
    mockSecret(
      Object.assign(new Error('try later'), {
        name: 'InternalServiceError',
        $metadata: { httpStatusCode: 500 },
      }),
    );
    expect(await failure()).toMatchObject({ exit: 75 });
  });

  it('reports a denied access as a configuration failure', async () => {
    mockSecret(Object.assign(new Error('not yours'), { name: 'AccessDeniedException' }));
    expect(await failure()).toMatchObject({
      exit: 78,
      message: `could not read secret ${arn}: AccessDeniedException: not yours`,
    });
  });
});
