/** Starts the services of the local cloud and keeps them running until it is disposed of. */
import { appendFileSync, chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from './environment.ts';
import { loadState, newPasswords, saveState } from './supervisor/cloud-state.ts';
import { defaultCacheDir, findInstallation } from './installation.ts';
import { type KeyPair, newKeyPair } from './key-pair.ts';
import { SupervisedService } from './supervisor/supervised-service.ts';
import { endLeftovers, pidFile } from './supervisor/leftovers.ts';
import { makeServices } from './supervisor/services.ts';
import {
  portsOf,
  serviceNames,
  type ServiceName,
  type ServiceStatus,
} from './supervisor/service.ts';
import {
  choosePorts,
  configuredHosts,
  configuredPorts,
  preferredPorts,
  type Ports,
} from './ports.ts';
import { loginsOf } from './postgres/logins.ts';
import { lockState } from './supervisor/state-lock.ts';

export interface LocalCloudOptions {
  /** Holds all data, logs and PIDs. Created if missing, and kept afterwards. */
  readonly stateDir: string;
  /** Holds what several clouds share, such as Spark's class archive. Default: the workspace's .local/cache. */
  readonly cacheDir?: string;
  /** Default: all. EMR and Redshift need S3, either as a service of this cloud or as `s3`. */
  readonly services?: readonly ServiceName[];
  /** Default: LOCAL_CLOUD_…_PORT, then the ports of the last start, then free ports. */
  readonly ports?: Ports;
  /** An external S3 for EMR and Redshift, and the key pair that both accept; default: that of this cloud. */
  readonly s3?: { readonly endpoint: string; readonly keys?: KeyPair } | undefined;
  /** Names with which clients reach it at any port, e.g. host.docker.internal. Default: LOCAL_CLOUD_HOSTS. */
  readonly allowedHosts?: readonly string[];
  /** Whether a test may script faults, and put proxies on other ports in front of the services. */
  readonly takesFaults?: boolean;
  /** Whether SOURCE_DATABASE_URL is that of the superuser, who may create databases: for tests. */
  readonly asSuperuser?: boolean;
  /** Aborts a start in progress, which then rejects. */
  readonly signal?: AbortSignal;
  /** Called whenever the state of a service changes. */
  readonly onChange?: (services: readonly ServiceStatus[]) => void;
  /** Called if a service does not start or cannot be kept running. The cloud is unusable then. */
  readonly onFailure?: (error: Error) => void;
}

export interface LocalCloud extends AsyncDisposable {
  /** The content of `.env.local`: endpoints, credentials and names of the running services. */
  readonly env: Record<string, string>;
  readonly services: readonly ServiceStatus[];
}

/**
 * Resolves once all services answer.
 * @throws StateInUse if another process runs a cloud in this directory; NotInstalled if Python packages or
 *   Java are missing; an error that names the service and its log if a service does not start.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const stateDir = resolve(options.stateDir);
  const names = serviceNames.filter((name) => options.services?.includes(name) ?? true);
  const installation = await findInstallation(names);
  for (const folder of ['logs', 'run']) {
    mkdirSync(join(stateDir, folder), { recursive: true, mode: 0o700 });
  }
  // An older release made it for everybody.
  chmodSync(stateDir, 0o700);
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
    const listening = portsOf(names);
    const configured = options.ports ?? configuredPorts(listening, process.env);
    const preferred = options.ports === undefined && configured.warehouse !== 0;
    const known = preferred ? { ...preferredPorts, ...state.ports } : state.ports;
    const ports = await choosePorts(listening, configured, known);
    const keys = options.s3?.keys ?? state.keys ?? newKeyPair();
    // A client that called while the cloud was down may have given the last ones to another program on the port.
    const passwords = newPasswords();
    saveState(stateDir, { ...state, ...passwords, keys, ports: { ...state.ports, ...ports } });
    const logins = loginsOf(passwords);
    const cacheDir = resolve(options.cacheDir ?? defaultCacheDir);
    const s3Endpoint = options.s3?.endpoint ?? `http://127.0.0.1:${ports.s3}`;
    const services = makeServices(names, {
      stateDir,
      cacheDir,
      ports,
      s3Endpoint,
      installation,
      logins,
      warehousePassword: passwords.warehousePassword,
      keys,
      allowedHosts: [
        ...(options.allowedHosts ?? configuredHosts(process.env)),
        ...(options.takesFaults === true ? ['127.0.0.1'] : []),
      ],
      takesFaults: options.takesFaults === true,
    });
    const supervised = services.map(
      (service) =>
        new SupervisedService(service, {
          logFile: join(stateDir, 'logs', `${service.name}.log`),
          pidFile: pidFile(stateDir, service.name),
          log,
          onChange: () => options.onChange?.(statuses()),
          onFailure,
        }),
    );
    const statuses = () => supervised.map((service) => service.status());
    // The stack stops them in reverse order: Redshift and EMR before S3, Postgres last.
    for (const service of supervised) started.defer(() => service.stop());
    await startAll(supervised, options.signal);
    const running = started.move();
    const access = {
      source: options.asSuperuser === true ? logins.superuser : logins.owner,
      warehouse: passwords.warehousePassword,
    };
    return {
      env: environmentOf(names, ports, access, keys),
      get services() {
        return statuses();
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } catch (error) {
    onFailure(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Waits for every service even if one fails, so that cleaning up a failed start misses none. */
async function startAll(
  services: readonly SupervisedService[],
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const stop = () => {
    for (const service of services) void service.stop();
  };
  signal?.addEventListener('abort', stop);
  const results = await Promise.allSettled(services.map((service) => service.start()));
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
