/** Groups of processes, ended politely and then for good, those that an earlier endpoint left included. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '@user-behaviour/local-cloud/process-identity';

const POLL_MS = 20;
/** A killed process that its parent never collects stays listed; it is not waited for longer than this. */
const COLLECT_MS = 2000;

/** SIGTERM to the whole group, SIGKILL to what is left after `graceMs`; 0 kills at once. */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signalGroup(pgid, 'SIGTERM');
    if (await goneWithin(pgid, graceMs)) return;
  }
  signalGroup(pgid, 'SIGKILL');
  await goneWithin(pgid, COLLECT_MS);
}

/** Ends the group if its leader is still the process that was recorded; tells whether it was. */
export async function endLeftover(leader: ProcessIdentity, graceMs: number): Promise<boolean> {
  if (!isAlive(leader)) return false;
  await endGroup(leader.pid, graceMs);
  return true;
}

async function goneWithin(pgid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (signalGroup(pgid, 0)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** False when the group is gone. */
function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pgid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
