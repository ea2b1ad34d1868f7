/** Starts a supervisor in the background and waits until all services answer. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentOf } from '../environment.ts';
import { writeEnvironmentFile } from '../environment-file.ts';
import { findInstallation, workspaceRoot } from '../installation.ts';
import { loginsOf } from '../postgres/logins.ts';
import { loadState } from '../supervisor/cloud-state.ts';
import { type PortName, portNames, serviceNames } from '../supervisor/service.ts';
import { configuredPorts } from '../ports.ts';
import { hasEnded, identify, isAlive, type ProcessIdentity } from '../process-identity.ts';
import type { CloudPlace } from './serve.ts';
import { shortPath } from './short-path.ts';
import { stateOwner } from '../supervisor/state-lock.ts';
import { readStatus, type CloudStatus } from '../supervisor/status-file.ts';

const timeoutMs = 180_000;

/** If the cloud is already up, only says so. @throws with the reason if it does not start. */
export async function up(place: CloudPlace, say: (line: string) => void): Promise<void> {
  const { stateDir } = place;
  await waitForStop(stateDir, say);
  const running = liveStatus(stateDir);
  if (running?.state === 'ready') {
    writeEnvironment(place, running);
    say(`is already up, since ${running.since} (process ${running.supervisor.pid})`);
    for (const { name, port } of running.services) {
      const wanted = configuredPorts([name], process.env)[name] ?? port;
      if (wanted !== port)
        say(`${name} keeps port ${port} until make down; then ${wanted} is used`);
    }
    return;
  }
  const began = performance.now();
  if (stateOwner(stateDir) === undefined) {
    // Checked here, where the user sees the error; the supervisor would only write it to its log.
    await findInstallation(serviceNames);
    configuredPorts(portNames, process.env);
    say(`starting ${serviceNames.join(', ')}; data and logs are in ${shortPath(stateDir)}`);
  } else {
    say('is already starting: waiting for it');
  }
  const mine = stateOwner(stateDir) === undefined ? startSupervisor(place) : undefined;
  await untilReady(stateDir, mine, say);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`up after ${seconds} s; its addresses and credentials are in ${shortPath(place.envFile)}`);
}

/** Writes the file again, if somebody has removed or edited it. */
function writeEnvironment({ stateDir, envFile }: CloudPlace, { services }: CloudStatus): void {
  const {
    postgresPassword,
    ownerPassword,
    warehousePassword,
    keys,
    ports: saved,
  } = loadState(stateDir);
  const entries = services.map(({ name, port }) => [name, port]);
  if (keys === undefined || ownerPassword === undefined || warehousePassword === undefined) {
    throw new Error('was started by an older release: make down, then make up');
  }
  const ports = { ...saved, ...Object.fromEntries(entries) } as Record<PortName, number>;
  const names = services.map(({ name }) => name);
  const { owner } = loginsOf({ postgresPassword, ownerPassword });
  const access = { source: owner, warehouse: warehousePassword };
  writeEnvironmentFile(envFile, environmentOf(names, ports, access, keys));
}

interface Supervisor {
  readonly identity: ProcessIdentity | undefined;
  readonly hasExited: () => boolean;
}

function startSupervisor({ stateDir, cacheDir, envFile }: CloudPlace): Supervisor {
  mkdirSync(join(stateDir, 'logs'), { recursive: true, mode: 0o700 });
  const log = openSync(supervisorLog(stateDir), 'a', 0o600);
  const main = join(import.meta.dirname, '../main.ts');
  const place = ['--state', stateDir, '--cache', cacheDir, '--write-env', envFile];
  const child = spawn(process.execPath, [main, 'serve', ...place], {
    cwd: workspaceRoot,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let exited = false;
  child.once('exit', () => (exited = true));
  child.once('error', () => (exited = true));
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  return { identity, hasExited: () => exited };
}

async function untilReady(
  stateDir: string,
  mine: Supervisor | undefined,
  say: (line: string) => void,
): Promise<void> {
  const reported = new Map<string, string>();
  const began = performance.now();
  while (performance.now() - began < timeoutMs) {
    // Check for the exit before reading the status: the last status may be written in between.
    const exited = (mine?.hasExited() ?? true) && stateOwner(stateDir) === undefined;
    const status = readStatus(stateDir);
    if (status?.state === 'failed' && isSame(status.supervisor, mine?.identity)) {
      throw new Error(status.message ?? `failed; see ${supervisorLog(stateDir)}`);
    }
    if (status !== undefined && isAlive(status.supervisor)) {
      reportProgress(status, reported, (performance.now() - began) / 1000, say);
      if (status.state === 'ready') return;
    }
    if (exited) throw new Error(`ended before it was up; see ${supervisorLog(stateDir)}`);
    await delay(50);
  }
  throw new Error(`is not up after ${timeoutMs / 1000} s; see ${supervisorLog(stateDir)}`);
}

function reportProgress(
  status: CloudStatus,
  reported: Map<string, string>,
  seconds: number,
  say: (line: string) => void,
): void {
  for (const { name, state, port } of status.services) {
    if (reported.get(name) === state) continue;
    reported.set(name, state);
    if (state !== 'starting') say(`${name} ${state} after ${seconds.toFixed(1)} s, port ${port}`);
  }
}

async function waitForStop(stateDir: string, say: (line: string) => void): Promise<void> {
  const status = liveStatus(stateDir);
  if (status?.state !== 'stopping' && status?.state !== 'failed') return;
  say('is stopping: waiting for it');
  if (!(await hasEnded(status.supervisor, timeoutMs))) {
    throw new Error(`does not stop; see ${supervisorLog(stateDir)}`);
  }
}

/** The status of a live supervisor. */
export function liveStatus(stateDir: string): CloudStatus | undefined {
  const status = readStatus(stateDir);
  return status !== undefined && isAlive(status.supervisor) ? status : undefined;
}

function isSame(one: ProcessIdentity, other: ProcessIdentity | undefined): boolean {
  return one.pid === other?.pid && one.started === other.started;
}

function supervisorLog(stateDir: string): string {
  return join(stateDir, 'logs', 'supervisor.log');
}
