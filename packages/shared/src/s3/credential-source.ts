/**
 * Which provider should have given the job its AWS credentials, by the variables that the SDK reads. The
 * SDK's own error says only that none did.
 */
import { isIPv4 } from 'node:net';
import type { FailureKindName } from '../failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The SDK reads the process's variables by itself, so its errors are judged by the same ones. */
let ofProcess: Environment = {};

/** Called once, by whoever holds the process: the runner and the operator. */
export function rememberEnvironment(environment: Environment): void {
  ofProcess = environment;
}

export interface MissingCredentials {
  /** A provider that is configured may answer later; without one, a retry cannot help. */
  readonly kind: Extract<FailureKindName, 'transient' | 'configuration'>;
  /** Who was asked. */
  readonly asked: string;
  readonly action: string;
}

const none = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the job a role';

export function missingCredentials(environment: Environment = ofProcess): MissingCredentials {
  const {
    AWS_PROFILE,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
    AWS_WEB_IDENTITY_TOKEN_FILE,
    AWS_EC2_METADATA_DISABLED: disabled,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: instance = 'http://169.254.169.254',
  } = environment;
  if (isSet(relative)) return unanswered('http://169.254.170.2');
  if (isSet(full)) return containerEndpoint(full);
  if (isSet(AWS_WEB_IDENTITY_TOKEN_FILE)) return unanswered('AWS STS');
  if (isSet(AWS_PROFILE)) {
    return wrong(`profile ${AWS_PROFILE}`, 'correct AWS_PROFILE, or log in to it again');
  }
  if (isSet(AWS_ACCESS_KEY_ID) !== isSet(AWS_SECRET_ACCESS_KEY)) {
    return wrong('the environment', 'set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  if (isSet(disabled) && disabled !== 'false') return wrong('no provider', none);
  return {
    ...unanswered(`the instance metadata service ${instance}`),
    action: `if this host has no role, ${none}; otherwise run the day again: the service did not answer`,
  };
}

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

const wrong = (asked: string, action: string): MissingCredentials => ({
  kind: 'configuration',
  asked,
  action,
});

const unanswered = (asked: string): MissingCredentials => ({
  kind: 'transient',
  asked,
  action: `run the day again; if it persists, see why ${asked} gives this job no credentials for its role`,
});

/** The hosts that the SDK asks without TLS: loopback, ECS, EKS Pod Identity. */
const plainHosts = new Set([
  'localhost',
  '[::1]',
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
]);

function containerEndpoint(uri: string): MissingCredentials {
  const name = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
  if (!URL.canParse(uri)) return wrong(name, `correct ${name}: expected a URL`);
  const { protocol, hostname, origin, pathname } = new URL(uri);
  const isLoopback = isIPv4(hostname) && hostname.startsWith('127.');
  return protocol === 'https:' || plainHosts.has(hostname) || isLoopback
    ? unanswered(`${origin}${pathname}`)
    : wrong(
        origin,
        `correct ${name}: the SDK accepts https, loopback and the hosts of ECS and EKS`,
      );
}
