/** One run of a service's program, from start to end. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { writeAtomically } from '../atomic-file.ts';
import type { ServiceCommand } from './service.ts';
import { endProcess, identify, type ProcessIdentity } from '../process-identity.ts';

const stopGraceMs = 20_000;

export interface RunningProgram {
  readonly pid: number | undefined;
  readonly logFile: string;
  /** The log's lines since the start. */
  readonly output: () => string;
  /** How the program ended, e.g. `was ended by SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  /** Sends the signal, sends SIGKILL after 20 s, and waits until the program has ended. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

/**
 * Starts the program and appends its output to the log. The PID file identifies it to a later supervisor
 * in case this one is killed.
 */
export function startProgram(
  command: ServiceCommand,
  logFile: string,
  pidFile: string,
): RunningProgram {
  const { file, args, env, ipc = false, ...ids } = command;
  const log = openSync(logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const child = spawn(file, [...args], {
    ...ids,
    cwd: '/',
    env: { ...inheritedEnvironment(), ...env },
    // Its own process group, so that Ctrl-C reaches only the supervisor, which then stops all services in order.
    detached: true,
    // The pipe to its standard input closes when the supervisor dies, for whatever reason.
    stdio: ['pipe', log, log, ...(ipc ? ['ipc' as const] : [])],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`);
    });
  }).finally(() => {
    rmSync(pidFile, { force: true });
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity !== undefined) writeAtomically(pidFile, JSON.stringify(identity));
  return {
    pid: child.pid,
    logFile,
    output: () => readFileSync(logFile).subarray(logStart).toString('utf8'),
    ended,
    stop: (signal) => stop(identity, ended, signal),
  };
}

async function stop(
  identity: ProcessIdentity | undefined,
  ended: Promise<string>,
  signal: NodeJS.Signals,
): Promise<void> {
  if (identity !== undefined) await endProcess(identity, signal, stopGraceMs);
  await ended;
}

/** Without the variables that would redirect the service's AWS client, PostgreSQL or Node. */
function inheritedEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('AWS_') && !name.startsWith('PG') && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
