import { describe, expect, it } from 'vitest';
import { s3Error } from '../../test/in-memory-s3.ts';
import { attempt, awsErrorName, awsFailure } from './aws-errors.ts';
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
    ['an expired token', s3Error('ExpiredToken', 400), 'configuration'],
    ['an untrusted certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'configuration'],
    ['the certificate of another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'configuration'],
    ['an unknown host', coded('ENOTFOUND'), 'configuration'],
    ['no region', new Error('Region is missing'), 'configuration'],
    ['no credentials', new Error('Could not load credentials from any providers'), 'configuration'],
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
