/** Ends process groups, including those of an earlier endpoint. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '@user-behaviour/local-cloud/process-identity';

const POLL_MS = 20;
/** How long to wait for a killed process. */
const REAP_MS = 2000;

/** Sends SIGTERM to the group, and SIGKILL to what remains after `graceMs`; 0 kills at once. */
export async function endProcessGroup(pgid: number, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signalGroup(pgid, 'SIGTERM');
    if (await endsWithin(pgid, graceMs)) return;
  }
  signalGroup(pgid, 'SIGKILL');
  await endsWithin(pgid, REAP_MS);
}

/** Ends the group if its leader is still the recorded process. Returns whether it was. */
export async function endLeftover(leader: ProcessIdentity, graceMs: number): Promise<boolean> {
  if (!isAlive(leader)) return false;
  await endProcessGroup(leader.pid, graceMs);
  return true;
}

async function endsWithin(pgid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isRunning(pgid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Whether the group has a process that is no zombie. A zombie stays listed until its parent reaps it, which the first
 * process of a container or a small virtual machine may do late or never.
 */
export function isRunning(pgid: number): boolean {
  if (!signalGroup(pgid, 0)) return false;
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && runsIn(pid, pgid));
}

function runsIn(pid: string, pgid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the program's name, which may contain anything: the state, the parent and the group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === String(pgid) && state !== 'Z';
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** False if the group no longer exists. */
function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pgid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
