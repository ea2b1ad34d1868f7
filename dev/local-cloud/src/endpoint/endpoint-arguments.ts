/** The command line of an emulator's program. It contains no secrets, because other users can read it. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultCacheDir, workspaceRoot } from '../installation.ts';

export interface EndpointArguments {
  readonly host: string;
  readonly port: number;
  readonly s3Endpoint: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  /** Whether to create the pipeline's bucket. The supervisor's own S3 service does that itself. */
  readonly makesBucket: boolean;
  /** Further host names with which it is reached, at any port, e.g. the name of a container. */
  readonly allowedHosts: readonly string[];
  /** Whether tests may script faults. */
  readonly takesFaults: boolean;
}

export class UsageError extends Error {}

/** @throws UsageError */
export function parseEndpointArguments(args: readonly string[]): EndpointArguments {
  const values = parse(args);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError('expected --port with a number from 1 to 65535');
  }
  if (values.s3 === undefined || !URL.canParse(values.s3)) {
    throw new UsageError('expected --s3 with the address of S3, e.g. http://localstack:4566');
  }
  return {
    host: values.host,
    port,
    s3Endpoint: values.s3,
    stateDir: resolve(values.state),
    cacheDir: resolve(values.cache),
    makesBucket: values['make-bucket'],
    allowedHosts: values['allow-host'].map((name) => name.toLowerCase()),
    takesFaults: values['take-faults'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '' },
        s3: { type: 'string' },
        state: { type: 'string', default: join(workspaceRoot, '.local/cloud') },
        cache: { type: 'string', default: defaultCacheDir },
        'make-bucket': { type: 'boolean', default: false },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'take-faults': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
