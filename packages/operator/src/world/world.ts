/** Which world a command talks to: the local cloud of this machine, or AWS. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@user-behaviour/shared/failure';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { OperatorConfiguration } from '../config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds. */
const connectTimeout = 1_000;
const credentialsTimeout = 2_000;

interface Address {
  readonly variable: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Throws a failure that a retry can help if nothing listens where the local cloud should be. The SDK would
 * try again for a while before it says so. `settings` are the variables of the services that are needed.
 * With `every`, one service that answers is enough: the command says more about the others.
 */
export async function requireLocalCloud(
  settings: Readonly<Record<string, unknown>>,
  refusing: 'some' | 'every' = 'some',
): Promise<void> {
  const addresses = localAddresses(settings);
  const answers = await Promise.all(
    addresses.map(async (address) => ((await isRefused(address)) ? [address] : [])),
  );
  const refused = answers.flat();
  const [down] = refused;
  if (down === undefined || (refusing === 'every' && refused.length < addresses.length)) return;
  const { variable, host, port } = down;
  throw new Failure(
    'not-ready',
    `the local cloud is not up: run make up (${variable}: nothing listens on ${host}:${String(port)})`,
    { action: '' },
  );
}

/** The services of the environment that are on this machine, each address once. */
function localAddresses(settings: Readonly<Record<string, unknown>>): Address[] {
  const found = Object.entries(settings).flatMap(([variable, value]) => {
    if (
      typeof value !== 'string' ||
      !/^(AWS_ENDPOINT_URL_\w+|SOURCE_DATABASE_URL)$/.test(variable) ||
      !URL.canParse(value)
    ) {
      return [];
    }
    const { hostname, port, protocol } = new URL(value);
    const usual = protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : 5432;
    const host = hostname.replace(/^\[|\]$/g, '');
    return isLoopback(host) ? [{ variable, host, port: Number(port || usual) }] : [];
  });
  return [...new Map(found.map((one) => [`${one.host}:${String(one.port)}`, one])).values()];
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Anything but a refusal is left to the command, which names it better. */
const isRefused = ({ host, port }: Address): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeout });
    const end = (refused: boolean) => () => {
      socket.destroy();
      resolve(refused);
    };
    socket.on('connect', end(false)).on('timeout', end(false));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED')();
    });
  });

/** `the local cloud`, or `AWS account 123456789012, eu-west-1`; never fails. */
export async function tellWorld(
  configuration: OperatorConfiguration,
  environment: Environment,
): Promise<string> {
  const endpoint = configuration.AWS_ENDPOINT_URL_S3;
  if (endpoint !== undefined && isLoopback(new URL(endpoint).hostname)) return 'the local cloud';
  const account = await Promise.race([
    accountOf(configuration).catch(() => undefined),
    sleep(credentialsTimeout, undefined, { ref: false }),
  ]);
  const profile = environment['AWS_PROFILE'];
  const who =
    account !== undefined
      ? `AWS account ${account}`
      : profile !== undefined && profile !== ''
        ? `AWS profile ${profile}`
        : 'AWS';
  return `${who}, ${configuration.AWS_REGION}, bucket ${configuration.PIPELINE_BUCKET}`;
}

/** The account, where the credentials say it: those of a role, of SSO, or with AWS_ACCOUNT_ID. */
async function accountOf(configuration: OperatorConfiguration): Promise<string | undefined> {
  const s3 = createS3Client(configuration);
  try {
    return (await s3.config.credentials()).accountId;
  } finally {
    s3.destroy();
  }
}
