import { afterEach, describe, expect, it } from 'vitest';
import { s3Error } from '../../test/in-memory-s3.ts';
import { attempt, awsErrorName, awsFailure } from './aws-errors.ts';
import { rememberEnvironment } from './credential-source.ts';
import { Failure } from '../failure.ts';

const coded = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('an AWS error', () => {
  it.each<[string, unknown, string]>([
    ['a throttle', s3Error('SlowDown', 503), 'transient'],
    ['a throttle of the Data API', s3Error('ThrottlingException', 400), 'transient'],
    ['too many statements', s3Error('ActiveStatementsExceededException', 400), 'transient'],
    ['a concurrent write', s3Error('ConditionalRequestConflict', 409), 'transient'],
    ['an unknown server error', s3Error('Weird', 502), 'transient'],
    ['a rate limit', s3Error('Weird', 429), 'transient'],
    ['corrupted bytes in a request', s3Error('BadDigest', 400), 'transient'],
    ['a truncated request body', s3Error('IncompleteBody', 400), 'transient'],
    [
      'corrupted bytes in a response',
      new Error('Checksum mismatch: expected "a" but received "b" in response header "x".'),
      'transient',
    ],
    ['a response that is not HTTP', coded('HPE_INVALID_CONSTANT'), 'transient'],
    ['a truncated response', coded('ERR_STREAM_PREMATURE_CLOSE'), 'transient'],
    ['a refused connection', coded('ECONNREFUSED'), 'transient'],
    [
      'a host that refuses connections at all its addresses',
      Object.assign(new AggregateError([coded('ECONNREFUSED')], ''), { code: 'ECONNREFUSED' }),
      'transient',
    ],
    ['a missing bucket', s3Error('NoSuchBucket', 404), 'configuration'],
    ['a forbidden call', s3Error('AccessDenied', 403), 'configuration'],
    ['an unnamed 403', s3Error('Unknown', 403), 'configuration'],
    ['a wrong key', s3Error('SignatureDoesNotMatch', 403), 'configuration'],
    ['an expired token', s3Error('ExpiredToken', 400), 'transient'],
    ['an expired token of another service', s3Error('ExpiredTokenException', 403), 'transient'],
    ['a clock that is off', s3Error('RequestTimeTooSkewed', 403), 'transient'],
    [
      'a clock that is off, of another service',
      Object.assign(new Error('Signature expired: 20101201T000000Z is now earlier than x'), {
        name: 'InvalidSignatureException',
      }),
      'transient',
    ],
    ['too many sessions', s3Error('ActiveSessionsExceededException', 400), 'transient'],
    ['a token file that is missing', coded('ENOENT'), 'configuration'],
    ['an untrusted certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'configuration'],
    ['the certificate of another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'configuration'],
    ['a host that the name service does not know', coded('ENOTFOUND'), 'transient'],
    ['a name service that does not answer', coded('EAI_AGAIN'), 'transient'],
    ['a mount in trouble', coded('EIO'), 'transient'],
    ['a mount whose server restarted', coded('ESTALE'), 'transient'],
    ['a busy mount', coded('EBUSY'), 'transient'],
    ['no region', new Error('Region is missing'), 'configuration'],
    ['a refused request', s3Error('InvalidRequest', 400), 'bug'],
    ['a programming error', new TypeError('x is not a function'), 'bug'],
    ['nothing at all', undefined, 'bug'],
  ])('%s is %3$s', (_what, error, kind) => {
    expect(awsFailure('do it', error).kind).toBe(kind);
  });

  it('becomes a message with the attempted action, the name, the text and the request ID', () => {
    const error = s3Error('NoSuchBucket', 404);
    const failure = awsFailure('read s3://b/k', error);
    expect(failure.message).toBe(
      'could not read s3://b/k: NoSuchBucket: NoSuchBucket, says S3 (request R1)',
    );
    expect(failure.action).toContain('PIPELINE_BUCKET');
    expect(failure.cause).toBe(error);
  });

  it.each([
    ['AccessDenied', 403],
    ['AccessDeniedException', 400],
    ['UnauthorizedException', 401],
    ['Forbidden', 403],
  ])('that denies access (%s, %i) names the required rights', (name, status) => {
    const failure = awsFailure('read s3://b/k', s3Error(name, status));
    expect(failure.message).toContain('could not read s3://b/k');
    expect(failure.action).toMatch(/^grant this call, .*docs\/contract\.md, Rights/);
  });

  it('from IAM names the denied action, but not for an unknown caller', () => {
    const words =
      'User: arn:aws:sts::1:assumed-role/r is not authorized to perform: redshift-data:ExecuteStatement on resource: x';
    const denied = Object.assign(new Error(words), { name: 'AccessDeniedException' });
    expect(awsFailure('do it', denied).action).toMatch(/^grant redshift-data:ExecuteStatement, /);
    const stranger = awsFailure('do it', s3Error('SignatureDoesNotMatch', 403));
    expect(stranger.action).toContain('credentials');
  });

  it.each([
    ['ExpiredToken', /new credentials.*AWS_SESSION_TOKEN/],
    ['RequestTimeTooSkewed', /clock/],
    ['SignatureDoesNotMatch', /credentials/],
  ])('%s has advice of its own', (name, action) => {
    expect(awsFailure('do it', s3Error(name, 403)).action).toMatch(action);
  });

  it('of the name service names the host', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND s3.nowhere'), {
      code: 'ENOTFOUND',
    });
    const failure = awsFailure('do it', error);
    expect(failure.message).toContain('s3.nowhere');
    expect(failure.action).toMatch(/name of the host.*DNS/);
  });

  it('is named by its code if the name is generic', () => {
    expect(awsErrorName(coded('ECONNRESET'))).toBe('ECONNRESET');
    expect(awsErrorName(s3Error('NoSuchKey', 404))).toBe('NoSuchKey');
    expect(awsErrorName(null)).toBe('Error');
  });
});

describe('attempt', () => {
  it('returns what the call returns', async () => {
    expect(await attempt('do it', () => Promise.resolve(3))).toBe(3);
  });

  it('rethrows a Failure or AbortError unchanged', async () => {
    const failure = new Failure('data', 'x');
    await expect(attempt('do it', () => Promise.reject(failure))).rejects.toBe(failure);
    const abort = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    await expect(attempt('do it', () => Promise.reject(abort))).rejects.toBe(abort);
  });

  it('adds context to any other error', async () => {
    await expect(attempt('do it', () => Promise.reject(coded('EPIPE')))).rejects.toThrow(
      'could not do it: EPIPE: connect EPIPE',
    );
  });
});

describe('an error of a credential provider', () => {
  afterEach(() => {
    rememberEnvironment({});
  });
  const named = (message: string) =>
    Object.assign(new Error(message), { name: 'CredentialsProviderError' });
  const nobody = named('Could not load credentials from any providers');

  it.each([
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.0.0.1:9/creds', 'transient'],
    ['AWS_EC2_METADATA_DISABLED', 'true', 'configuration'],
  ])('that says nothing is judged by %s=%s as %s', (variable, value, kind) => {
    rememberEnvironment({ [variable]: value });
    const failure = awsFailure('do it', nobody);
    expect(failure.kind).toBe(kind);
    if (kind === 'transient') expect(failure.message).toContain(`(asked: ${value})`);
    else expect(failure.action).toContain('AWS_ACCESS_KEY_ID');
  });

  it.each([
    ['Server responded with status: 503', 'transient'],
    ['Error: connect ECONNREFUSED 127.0.0.1:9', 'transient'],
    ['TimeoutError from the metadata service: timed out', 'transient'],
    ['The SSO session associated with this profile has expired', 'configuration'],
    ['Profile x could not be found', 'configuration'],
  ])('that says "%s" is %s', (message, kind) => {
    expect(awsFailure('do it', named(message)).kind).toBe(kind);
  });
});
