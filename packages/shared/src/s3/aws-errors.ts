/** Classifies AWS SDK errors for schedulers by the documented names and codes. */
import { Failure, type FailureKindName } from '../failure.ts';

const transientNames = new Set([
  'ActiveSessionsExceededException',
  'ActiveStatementsExceededException',
  'ActiveWaitingRequestsExceededException',
  'BadDigest',
  'ConditionalRequestConflict',
  'ERR_STREAM_PREMATURE_CLOSE',
  'EPIPE',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'IncompleteBody',
  'InternalError',
  'InternalServerException',
  'NetworkingError',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
]);

/** Messages of the SDK and of Node's HTTP parser for corrupted bytes. */
const garbled = /^Checksum mismatch|^Parse Error/;

/** The caller is known but lacks the permission. */
const deniedNames = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'UnauthorizedException',
]);

/** The caller is unknown, or its credentials have expired. */
const strangerNames = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const configurationNames = new Set([
  ...deniedNames,
  ...strangerNames,
  'CredentialsProviderError',
  'ENOTFOUND',
  'InvalidBucketName',
  'NoSuchBucket',
  'PermanentRedirect',
]);

/** Node's error codes for an untrusted certificate or a server without TLS. */
const untrusted = /^(CERT_|DEPTH_|UNABLE_TO|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO)/;

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Generic names. Node throws an AggregateError if all addresses of a host refuse the connection. */
const emptyNames = new Set<string | undefined>([undefined, 'Error', 'AggregateError']);

/** The error's name, or the socket's error code if the name is generic. */
export function awsErrorName(error: unknown): string {
  const { name, code } = (error ?? {}) as AwsError;
  return code !== undefined && emptyNames.has(name) ? code : (name ?? 'Error');
}

export const httpStatus = (error: unknown): number | undefined =>
  ((error ?? {}) as AwsError).$metadata?.httpStatusCode;

function kindOf(error: unknown): FailureKindName {
  const name = awsErrorName(error);
  const status = httpStatus(error);
  const text = error instanceof Error ? error.message : '';
  if (transientNames.has(name) || name.startsWith('HPE_') || garbled.test(text)) return 'transient';
  if (
    configurationNames.has(name) ||
    untrusted.test(name) ||
    /Region is missing|credentials/i.test(text)
  ) {
    return 'configuration';
  }
  if (status === 429 || (status !== undefined && status >= 500)) return 'transient';
  if (status === 403) return 'configuration';
  return 'bug';
}

const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create the bucket, or correct PIPELINE_BUCKET',
  CredentialsProviderError:
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the job a role',
};

const distrust =
  'check the address of the service; if it uses a private certificate authority, set NODE_EXTRA_CA_CERTS to its certificate file';

/** IAM's message names the denied action; other stores' messages do not. */
const refusedAction = /not authorized to perform: ([\w-]+:\w+)/;

function adviceOn(error: unknown): string | undefined {
  const name = awsErrorName(error);
  if (untrusted.test(name)) return distrust;
  if (strangerNames.has(name)) return 'correct or renew the credentials that this job runs with';
  const unnamed = httpStatus(error) === 403 && kindOf(error) === 'configuration';
  if (!deniedNames.has(name) && !unnamed) return advice[name];
  const [, action] = refusedAction.exec(error instanceof Error ? error.message : '') ?? [];
  return `grant ${action ?? 'this call'}, and all other rights of this job in docs/contract.md, Rights (for the operator: docs/operating.md, Rights)`;
}

/** `doing` names the attempted action and its object, e.g. `write s3://bucket/key`. */
export function awsFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const name = awsErrorName(error);
  const said = error instanceof Error && error.message !== '' ? `: ${error.message}` : '';
  const request = ((error ?? {}) as AwsError).$metadata?.requestId;
  const action = adviceOn(error);
  return new Failure(
    kindOf(error),
    `could not ${doing}: ${name}${said}${request === undefined ? '' : ` (request ${request})`}`,
    { cause: error, ...(action === undefined ? {} : { action }) },
  );
}

/** Makes a remote call and adds context to its failure. An AbortError is rethrown unchanged. */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (awsErrorName(error) === 'AbortError') throw error;
    throw awsFailure(doing, error);
  }
}
