/** One run of a part's program, from its start to its end. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { writeAtomically } from '../atomic-file.ts';
import type { PartCommand } from './service.ts';
import { endProcess, identify, type ProcessIdentity } from '../process-identity.ts';

const stopGraceMs = 20_000;

export interface RunningProgram {
  readonly pid: number | undefined;
  readonly logFile: string;
  /** What the log has gained since the start. */
  readonly output: () => string;
  /** Says how it ended, e.g. `was ended by SIGKILL`; never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, insists by SIGKILL after 20 s, and waits until it has. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

/**
 * Starts the program, its output appended to the log. The pid file names it while it runs, for a
 * later supervisor, should this one be killed.
 */
export function startProgram(
  command: PartCommand,
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
    // A group of its own: a Ctrl-C in the terminal reaches the supervisor alone, which stops in order.
    detached: true,
    // The open pipe to its standard input closes when the supervisor dies, however it dies.
    stdio: ['pipe', log, log, ...(ipc ? ['ipc' as const] : [])],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`cannot be started: ${error.message}`);
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

/** Without what would point a part's own AWS client or Node elsewhere. */
function inheritedEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('AWS_') && !name.startsWith('PG') && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
