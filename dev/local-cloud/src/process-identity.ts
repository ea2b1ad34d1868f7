/** Distinguishes a process from a later one with the same PID. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

export const processIdentity = z.object({
  pid: z.number().int().positive(),
  /** Boot ID and start time as the system reports them; equal only for the same process. */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** The identity of a live process; undefined if no process has this PID. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** The command line of a live process with arguments joined by spaces; empty if it cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** The working folder of a live process; undefined if it cannot be read. */
export function workingFolder(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`);
    const lines = execFileSync('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-F', 'n'], {
      encoding: 'utf8',
    });
    return /^n(.*)$/m.exec(lines)?.[1];
  } catch {
    return undefined;
  }
}

/** Sends the signal, and SIGKILL if the process still exists after `graceMs`. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!sendSignal(identity, signal) || (await hasEnded(identity, graceMs))) return;
  sendSignal(identity, 'SIGKILL');
  if (!(await hasEnded(identity, 10_000))) {
    throw new Error(`process ${identity.pid} does not end, even after SIGKILL`);
  }
}

/** Waits until the process has ended; false if it still exists after `timeoutMs`. */
export async function hasEnded(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Fields 3 (state) and 22 (start time) of proc_pid_stat(5); the name before them may contain spaces. */
function startedOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields[19];
  if (fields[0] === 'Z' || ticks === undefined) return undefined;
  return `${bootId()}/${ticks}`;
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function startedElsewhere(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    }).trim();
    const [state = 'Z', ...started] = line.split(/\s+/);
    return state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
