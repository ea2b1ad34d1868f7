/**
 * Classifies AWS SDK errors for schedulers by the documented names and codes. What passes by itself, or with
 * new credentials of the same role, is transient.
 */
import { Failure, type FailureKindName } from '../failure.ts';
import { missingCredentials } from './credential-source.ts';

const transientNames = new Set([
  'ActiveSessionsExceededException',
  'ActiveStatementsExceededException',
  'ActiveWaitingRequestsExceededException',
  'BadDigest',
  'BandwidthLimitExceeded',
  'ConditionalRequestConflict',
  'ERR_STREAM_PREMATURE_CLOSE',
  'EPIPE',
  'EBUSY',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ESTALE',
  'ETIMEDOUT',
  'IDPCommunicationError',
  'IncompleteBody',
  'InternalError',
  'InternalServerException',
  'NetworkingError',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'ThrottledException',
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

/** Credentials of a role expire, and its provider has given no newer ones in time. */
const expiredNames = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** This host's clock differs from the server's. NTP corrects it while the scheduler pauses. */
const skewedNames = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

/** Services other than S3 report a skewed clock as a wrong signature. */
const skewedSignature = /signature (?:expired|not yet current)/i;

/** The name service does not know the host, or does not answer: a wrong address, or a restart. */
const unresolvedNames = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/** The caller is unknown. */
const strangerNames = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const configurationNames = new Set([
  // The SDK reads its own files only: tokens, profiles, certificates.
  'EACCES',
  'ENOENT',
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

/** Texts of a provider, such as a profile with `credential_source`, that did not answer. */
const providerTrouble =
  /status: 5\d\d|timed? ?out|socket|\bE(?:CONN|HOST|NET|NOTFOUND|TIMEDOUT|AI_AGAIN|PIPE)/i;

interface Verdict {
  readonly kind: FailureKindName;
  readonly action?: string | undefined;
  /** Who should have given the credentials. */
  readonly asked?: string;
}

const transient = (action?: string): Verdict => ({ kind: 'transient', action });
const configuration = (action?: string): Verdict => ({ kind: 'configuration', action });

function verdictOn(error: unknown): Verdict {
  const name = awsErrorName(error);
  const status = httpStatus(error);
  const text = error instanceof Error ? error.message : '';
  if (expiredNames.has(name)) return transient(renewal);
  if (skewedNames.has(name) || skewedSignature.test(text)) return transient(synchronise);
  if (unresolvedNames.has(name)) return transient(resolve);
  if (transientNames.has(name) || name.startsWith('HPE_') || garbled.test(text)) return transient();
  if (/could not load credentials from any/i.test(text)) return missingCredentials();
  if (name === 'CredentialsProviderError') {
    return providerTrouble.test(text) ? transient() : configuration(credentials);
  }
  if (strangerNames.has(name)) return configuration(credentials);
  if (deniedNames.has(name)) return configuration(grant(text));
  if (configurationNames.has(name)) return configuration(advice[name]);
  if (untrusted.test(name)) return configuration(distrust);
  if (text.startsWith('Region is missing')) return configuration();
  if (status === 429 || (status !== undefined && status >= 500)) return transient();
  if (status === 403) return configuration(grant(text));
  return /credentials/i.test(text) ? configuration(credentials) : { kind: 'bug' };
}

const renewal =
  "run the day again: it gets new credentials from the role's provider; if AWS_SESSION_TOKEN was set by hand, renew it first";
const synchronise = "synchronize this host's clock by NTP, then run the day again";
const resolve =
  'check the name of the host in the message; if it is right, the name service (DNS) is in trouble: run the day again';
const credentials = 'correct or renew the credentials that this job runs with';
const distrust =
  'check the address of the service; if it uses a private certificate authority, set NODE_EXTRA_CA_CERTS to its certificate file';

const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create the bucket, or correct PIPELINE_BUCKET',
  ENOENT: 'correct the variable that names the file in the message',
  EACCES: 'grant the job read access to the file in the message',
};

/** IAM's message names the denied action; other stores' messages do not. */
const refusedAction = /not authorized to perform: ([\w-]+:\w+)/;

function grant(text: string): string {
  const [, action] = refusedAction.exec(text) ?? [];
  return `grant ${action ?? 'this call'}, and all other rights of this job in docs/contract.md, Rights (for the operator: docs/operating.md, Rights)`;
}

/** `doing` names the attempted action and its object, e.g. `write s3://bucket/key`. */
export function awsFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const name = awsErrorName(error);
  const said = error instanceof Error && error.message !== '' ? `: ${error.message}` : '';
  const request = ((error ?? {}) as AwsError).$metadata?.requestId;
  const { kind, action, asked } = verdictOn(error);
  const provider = asked === undefined ? '' : ` (asked: ${asked})`;
  return new Failure(
    kind,
    `could not ${doing}: ${name}${said}${provider}${request === undefined ? '' : ` (request ${request})`}`,
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
