/**
 * The program of one emulator, as the supervisor and a container start it. It runs until a signal
 * arrives or its supervisor is gone. Exit codes: 0 stopped, 1 did not start, 64 wrong command line,
 * 78 not installed.
 *
 *   node main.ts [--port 4567] [--s3 http://localstack:4566 [--make-bucket]] [--host 0.0.0.0] [--allow-host NAME]…
 *     [--state DIR] [--cache DIR] [--take-faults]
 *
 * The key pair that callers must have is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. When the program is ready, it
 * prints one line of JSON: the address, the region, the key pair, if the environment has none, and what `ready` adds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucket, region } from '../environment.ts';
import { NotInstalled } from '../installation.ts';
import type { PossibleS3 } from '../s3/s3-client.ts';
import { createBucket } from '../s3/s3-service.ts';
import { callerKeys } from './caller-keys.ts';
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
  readonly s3: PossibleS3;
  readonly allowedHosts?: readonly string[];
  readonly takesFaults?: boolean;
  readonly log: (line: string) => void;
}

type OwnArguments<Name extends string> = Partial<Record<Name, string>>;

/**
 * Starts the endpoint and closes it when it must stop; then ends the process. `own` are the names of the arguments
 * that this emulator alone takes.
 */
export async function runEndpoint<Own extends string>(
  name: string,
  start: (options: EndpointOptions, own: OwnArguments<Own>) => Promise<RunningEndpoint>,
  own: readonly Own[] = [],
): Promise<never> {
  const stopped = stopRequest();
  let temporary: string | undefined;
  const end = async (code: number): Promise<never> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    return process.exit(code);
  };
  // Steps and results may hold anything; other users must not read them.
  process.umask(0o077);
  try {
    const given = parseEndpointArguments(process.argv.slice(2), own);
    const { keys, isNew } = callerKeys(process.env);
    const { makesBucket, s3Endpoint: endpoint, own: values, ...place } = given;
    if (makesBucket && endpoint !== undefined) {
      await createBucket({ endpoint, region, ...keys }, bucket);
    }
    const stateDir =
      place.stateDir ?? (temporary = await mkdtemp(join(tmpdir(), `local-${name}-`)));
    const cacheDir = place.cacheDir ?? join(stateDir, 'cache');
    const s3 = { endpoint, region, ...keys };
    const running = await start(
      { ...place, stateDir, cacheDir, s3, log },
      values as OwnArguments<Own>,
    );
    log(`${name} listens on ${running.url}`);
    const ready = { endpoint: running.url, region, ...(isNew ? keys : {}), ...running.ready };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    log(`${await stopped}: stopping`);
    await running.close();
    return await end(0);
  } catch (error) {
    const code = error instanceof UsageError ? 64 : error instanceof NotInstalled ? 78 : 1;
    if (code === 1 && error instanceof Error) log(error.stack ?? '');
    // Last: the supervisor shows the end of the log to its user.
    log(error instanceof Error ? error.message : String(error));
    return end(code);
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
