/**
 * The program of one emulator, as the supervisor and a container start it. It runs until a signal
 * arrives or its supervisor is gone. Exit codes: 0 stopped, 1 did not start, 64 wrong command line,
 * 78 not installed.
 *
 *   node main.ts --port 4567 --s3 http://localstack:4566 [--host 0.0.0.0] [--allow-host NAME]… [--state DIR]
 *     [--cache DIR] [--make-bucket] [--take-faults]
 *
 * The key pair that callers must have is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
 */
import { bucket, region } from '../environment.ts';
import { NotInstalled } from '../installation.ts';
import { type KeyPair, keyPairOf } from '../key-pair.ts';
import { createBucket, type S3Access } from '../s3/s3-service.ts';
import { parseEndpointArguments, UsageError } from './endpoint-arguments.ts';
import type { RunningEndpoint } from './json-endpoint.ts';

export interface EndpointOptions {
  /** The state folder; the emulator keeps its data below it. */
  readonly stateDir: string;
  /** Shared with other clouds; may be deleted while none runs. */
  readonly cacheDir: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Callers sign with the same key pair. */
  readonly s3: S3Access;
  readonly allowedHosts?: readonly string[];
  readonly takesFaults?: boolean;
  readonly log: (line: string) => void;
}

/** Starts the endpoint and closes it when it must stop; then ends the process. */
export async function runEndpoint(
  name: string,
  start: (options: EndpointOptions) => Promise<RunningEndpoint>,
): Promise<never> {
  const stopped = stopRequest();
  // Steps and results may hold anything; other users must not read them.
  process.umask(0o077);
  try {
    const { makesBucket, s3Endpoint, ...place } = parseEndpointArguments(process.argv.slice(2));
    const s3 = { endpoint: s3Endpoint, region, ...keys() };
    if (makesBucket) await createBucket(s3, bucket);
    const endpoint = await start({ ...place, s3, log });
    log(`${name} listens on ${endpoint.url}`);
    log(`${await stopped}: stopping`);
    await endpoint.close();
    return process.exit(0);
  } catch (error) {
    const code = error instanceof UsageError ? 64 : error instanceof NotInstalled ? 78 : 1;
    if (code === 1 && error instanceof Error) log(error.stack ?? '');
    // Last: the supervisor shows the end of the log to its user.
    log(error instanceof Error ? error.message : String(error));
    return process.exit(code);
  }
}

/** @throws UsageError */
function keys(): KeyPair {
  try {
    return keyPairOf(process.env);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Resolves with the reason to stop. The supervisor holds an IPC channel, which closes when it dies. */
function stopRequest(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  const supervisorGone = () => {
    resolve('the supervisor is gone');
  };
  process.once('disconnect', supervisorGone);
  if (process.send !== undefined && !process.connected) supervisorGone();
  return promise;
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}
