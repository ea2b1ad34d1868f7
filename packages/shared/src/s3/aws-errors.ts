/** What an AWS SDK error means for a scheduler: names and codes as the services document them. */
import { Failure, type FailureKindName } from '../failure.ts';

const transientNames = new Set([
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

/** Bytes that are not those that were sent: the SDK's own words, and the codes of Node's HTTP parser. */
const garbled = /^Checksum mismatch|^Parse Error/;

/** The caller is known, and may not do this. */
const deniedNames = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'UnauthorizedException',
]);

/** The caller is not known, or not any more. */
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

/** Codes of Node for a server whose certificate nobody vouches for, or that speaks no TLS. */
const untrusted = /^(CERT_|DEPTH_|UNABLE_TO|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO)/;

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Names that say nothing; several addresses of one host refused at once are an AggregateError. */
const emptyNames = new Set<string | undefined>([undefined, 'Error', 'AggregateError']);

/** The error's own name, or the code of the socket where the name says nothing. */
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
  'check the address of the service; where its authority is your own, name its file in NODE_EXTRA_CA_CERTS';

/** IAM's words name the action that was refused; other stores' words do not. */
const refusedAction = /not authorized to perform: ([\w-]+:\w+)/;

function adviceOn(error: unknown): string | undefined {
  const name = awsErrorName(error);
  if (untrusted.test(name)) return distrust;
  if (strangerNames.has(name)) return 'correct or renew the credentials that this job runs with';
  const unnamed = httpStatus(error) === 403 && kindOf(error) === 'configuration';
  if (!deniedNames.has(name) && !unnamed) return advice[name];
  const [, action] = refusedAction.exec(error instanceof Error ? error.message : '') ?? [];
  return `grant ${action ?? 'this call'}, and all that docs/contract.md, Rights, lists for this job (docs/operating.md, Rights, for the operator)`;
}

/** `doing` says what was tried and on what, e.g. `write s3://bucket/key`. */
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

/** Runs one remote call and gives its failure the context that we know. An abort passes through. */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (awsErrorName(error) === 'AbortError') throw error;
    throw awsFailure(doing, error);
  }
}
