/** A lock file that allows one supervisor for each state directory. The lock of a dead owner is void. */
import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfExists } from '../atomic-file.ts';
import { identify, isAlive, processIdentity, type ProcessIdentity } from '../process-identity.ts';

const lockContent = z.object({ owner: processIdentity, nonce: z.string() });
type LockContent = z.infer<typeof lockContent>;

/** Another live process has locked the state directory. */
export class StateInUse extends Error {
  readonly owner: ProcessIdentity;

  constructor(stateDir: string, owner: ProcessIdentity) {
    super(`the local cloud in ${stateDir} is already running in process ${owner.pid}`);
    this.owner = owner;
  }
}

/** The live process that runs the cloud in this directory, if any. */
export function stateOwner(stateDir: string): ProcessIdentity | undefined {
  const content = readLock(lockPath(stateDir));
  return content !== undefined && isAlive(content.owner) ? content.owner : undefined;
}

/**
 * Locks the directory for this process. Returns the function that releases it.
 * @throws StateInUse if a live process, even this one, has locked it.
 */
export function lockState(stateDir: string): () => void {
  const path = lockPath(stateDir);
  const owner = identify(process.pid);
  if (owner === undefined) throw new Error('cannot read the start time of this process');
  const mine = { owner, nonce: randomUUID() };
  const draft = `${path}.${mine.nonce}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      if (
        created(() => {
          linkSync(draft, path);
        })
      )
        break;
      const holder = readLock(path);
      if (holder === undefined) continue;
      if (isAlive(holder.owner)) throw new StateInUse(stateDir, holder.owner);
      breakLock(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readLock(path)?.nonce === mine.nonce) rmSync(path, { force: true });
  };
}

/**
 * Removes the lock of a dead owner. Several processes may try this at once: only the one that creates the
 * breaker file may remove the lock, and only if the lock still belongs to the dead owner. Otherwise a slow
 * process would remove a new lock.
 */
function breakLock(path: string, dead: LockContent): void {
  const breaker = `${path}.broken-${dead.nonce}`;
  if (
    !created(() => {
      writeFileSync(breaker, '', { flag: 'wx' });
    })
  )
    return;
  try {
    if (readLock(path)?.nonce === dead.nonce) rmSync(path);
  } finally {
    rmSync(breaker);
  }
}

function created(make: () => void): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): LockContent | undefined {
  const text = readIfExists(path);
  return text === undefined ? undefined : lockContent.parse(JSON.parse(text));
}

function lockPath(stateDir: string): string {
  return join(stateDir, 'supervisor.lock');
}
