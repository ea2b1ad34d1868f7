/** Starts the parts of the local cloud and keeps them alive until it is disposed of. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from './environment.ts';
import { loadState, saveState } from './supervisor/cloud-state.ts';
import { findInstallation } from './installation.ts';
import { KeptPart } from './supervisor/supervised-service.ts';
import { endLeftovers, pidFile } from './supervisor/leftovers.ts';
import { makeParts } from './supervisor/services.ts';
import { partNames, type PartName, type PartStatus } from './supervisor/service.ts';
import { choosePorts, configuredPorts, type Ports } from './ports.ts';
import { lockState } from './supervisor/state-lock.ts';

export interface LocalCloudOptions {
  /** Holds all data, logs and process numbers; made when it is not there, kept at the end. */
  readonly stateDir: string;
  /** Default: all. EMR and Redshift need S3, here or elsewhere. */
  readonly parts?: readonly PartName[];
  /** Default: LOCAL_CLOUD_…_PORT, else those of the last start, else free ones. */
  readonly ports?: Ports;
  /** Address of an S3 elsewhere, for EMR and Redshift; it takes the local cloud's credentials. */
  readonly s3Endpoint?: string;
  /** Ends a start that is under way; it is rejected then. */
  readonly signal?: AbortSignal;
  /** Told at every change of a part. */
  readonly onChange?: (parts: readonly PartStatus[]) => void;
  /** Told when a part does not come up or cannot be kept alive; the cloud is then of no use. */
  readonly onFailure?: (error: Error) => void;
}

export interface LocalCloud extends AsyncDisposable {
  /** What `.env.local` holds: endpoints, credentials and names of the parts that run. */
  readonly env: Record<string, string>;
  readonly parts: readonly PartStatus[];
}

/**
 * Resolves once every part answers.
 * @throws StateInUse while another process runs a cloud in this directory; NotInstalled without the
 *   Python environment or Java; an error that names the part and its log when one does not come up.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const stateDir = resolve(options.stateDir);
  const names = partNames.filter((name) => options.parts?.includes(name) ?? true);
  const installation = await findInstallation(names);
  for (const folder of ['logs', 'run']) mkdirSync(join(stateDir, folder), { recursive: true });
  await using started = new AsyncDisposableStack();
  started.defer(lockState(stateDir));
  const log = logInto(stateDir);
  const onFailure = (error: Error) => {
    log(error.message);
    options.onFailure?.(error);
  };
  try {
    await endLeftovers(stateDir, log);
    const state = loadState(stateDir);
    const configured = options.ports ?? configuredPorts(names, process.env);
    const ports = await choosePorts(names, configured, state.ports);
    saveState(stateDir, { ...state, ports: { ...state.ports, ...ports } });
    const password = state.postgresPassword;
    const s3Endpoint = options.s3Endpoint ?? `http://127.0.0.1:${ports.s3}`;
    const parts = makeParts(names, { stateDir, ports, s3Endpoint, installation, password });
    const kept = parts.map(
      (part) =>
        new KeptPart(part, {
          logFile: join(stateDir, 'logs', `${part.name}.log`),
          pidFile: pidFile(stateDir, part.name),
          log,
          onChange: () => options.onChange?.(statuses()),
          onFailure,
        }),
    );
    const statuses = () => kept.map((part) => part.status());
    // Disposed of in reverse: Redshift and EMR before S3, Postgres last.
    for (const part of kept) started.defer(() => part.stop());
    await allStarted(kept, options.signal);
    const running = started.move();
    return {
      env: environmentOf(names, ports, password),
      get parts() {
        return statuses();
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } catch (error) {
    onFailure(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Waits for every part, so that none is still on its way when a failed start is cleared away. */
async function allStarted(parts: readonly KeptPart[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const stop = () => {
    for (const part of parts) void part.stop();
  };
  signal?.addEventListener('abort', stop);
  const results = await Promise.allSettled(parts.map((part) => part.start()));
  signal?.removeEventListener('abort', stop);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function logInto(stateDir: string): (line: string) => void {
  const path = join(stateDir, 'logs', 'supervisor.log');
  return (line) => {
    appendFileSync(path, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  };
}
