/** The command line of an emulator's program. It contains no secrets, because other users can read it. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface EndpointArguments {
  readonly host: string;
  /** 0, the default, takes a free one. */
  readonly port: number;
  readonly s3Endpoint: string | undefined;
  /** Undefined: a temporary folder. */
  readonly stateDir: string | undefined;
  /** Undefined: a folder in the state folder. */
  readonly cacheDir: string | undefined;
  /** Whether to create the pipeline's bucket. The supervisor's own S3 service does that itself. */
  readonly makesBucket: boolean;
  /** Further host names with which it is reached, at any port, e.g. the name of a container. */
  readonly allowedHosts: readonly string[];
  /** Whether tests may script faults. */
  readonly takesFaults: boolean;
  /** The values of what this emulator alone takes. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

export class UsageError extends Error {}

/** `own` are the names of the arguments that this emulator alone takes. @throws UsageError */
export function parseEndpointArguments(
  args: readonly string[],
  own: readonly string[] = [],
): EndpointArguments {
  const { host, port: portText, s3, state, cache, ...others } = parse(args, own);
  const {
    'make-bucket': makesBucket,
    'allow-host': allowedHosts,
    'take-faults': takesFaults,
    ...values
  } = others;
  const port = parsePort('--port', portText);
  if (s3 !== undefined && !URL.canParse(s3)) {
    throw new UsageError('expected --s3 with the address of S3, e.g. http://localstack:4566');
  }
  if (makesBucket && s3 === undefined) throw new UsageError('--make-bucket needs --s3');
  return {
    host,
    port,
    s3Endpoint: s3,
    stateDir: state === undefined ? undefined : resolve(state),
    cacheDir: cache === undefined ? undefined : resolve(cache),
    makesBucket,
    allowedHosts: allowedHosts.map((name) => name.toLowerCase()),
    takesFaults,
    own: values,
  };
}

/** @throws UsageError */
export function parsePort(argument: string, text: string): number {
  const port = Number(text);
  if (text === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`expected ${argument} with a number from 0 to 65535`);
  }
  return port;
}

function parse(args: readonly string[], own: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(own.map((name) => [name, text])),
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '0' },
        s3: text,
        state: text,
        cache: text,
        'make-bucket': { type: 'boolean', default: false },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'take-faults': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
