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

/** Secrets Manager answers with this text, or not at all. */
function keep(secret: string | Error) {
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

describe('the address in a secret', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('becomes a URL with everything escaped', async () => {
    const send = keep(JSON.stringify({ ...database, engine: 'postgres' }));
    const url = new URL(await addressFromSecret(arn, 'eu-west-1'));
    expect(url.href).toBe('postgres://r%40ader:p%2Fss%3Aw%3Frd@db.example:6543/shop');
    expect(send.mock.calls[0]?.[0].input).toEqual({ SecretId: arn });
  });

  it("has PostgreSQL's port where it names none, and takes a port that is text", async () => {
    keep(JSON.stringify({ ...database, port: undefined }));
    expect(await addressFromSecret(arn, 'eu-west-1')).toContain('@db.example:5432/');
    keep(JSON.stringify({ ...database, port: '7000' }));
    expect(await addressFromSecret(arn, 'eu-west-1')).toContain('@db.example:7000/');
  });

  it.each([
    'hunter2',
    '{"password":"hunter2"}',
    JSON.stringify({ ...database, password: 'hunter2', host: '' }),
  ])('is not in %j, and its text is not told', async (text) => {
    keep(text);
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
  ])('that cannot be used, %s, is a matter of configuration, too', async (name) => {
    keep(Object.assign(new Error('no such secret'), { name }));
    const found = await failure();
    expect(found).toMatchObject({
      exit: 78,
      message: `could not read secret ${arn}: ${name}: no such secret`,
    });
    expect(found.action).toContain('SOURCE_DATABASE_SECRET_ARN');
  });

  it('is asked for again where Secrets Manager has failed', async () => {
    keep(
      Object.assign(new Error('try later'), {
        name: 'InternalServiceError',
        $metadata: { httpStatusCode: 500 },
      }),
    );
    expect(await failure()).toMatchObject({ exit: 75 });
  });

  it('that may not be read is a matter of configuration', async () => {
    keep(Object.assign(new Error('not yours'), { name: 'AccessDeniedException' }));
    expect(await failure()).toMatchObject({
      exit: 78,
      message: `could not read secret ${arn}: AccessDeniedException: not yours`,
    });
  });
});
