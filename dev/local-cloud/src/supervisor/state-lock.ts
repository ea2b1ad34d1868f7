/** One supervisor a state directory: a lock file that names its owner and outlives no owner. */
import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere } from '../atomic-file.ts';
import { identify, isAlive, processIdentity, type ProcessIdentity } from '../process-identity.ts';

const lockContent = z.object({ owner: processIdentity, nonce: z.string() });
type LockContent = z.infer<typeof lockContent>;

/** Another live process owns the state directory. */
export class StateInUse extends Error {
  readonly owner: ProcessIdentity;

  constructor(stateDir: string, owner: ProcessIdentity) {
    super(`the local cloud in ${stateDir} is already run by process ${owner.pid}`);
    this.owner = owner;
  }
}

/** Who runs the cloud of this directory; undefined when nobody alive does. */
export function stateOwner(stateDir: string): ProcessIdentity | undefined {
  const content = readLock(lockPath(stateDir));
  return content !== undefined && isAlive(content.owner) ? content.owner : undefined;
}

/**
 * Takes the directory for this process. Returns the release.
 * @throws StateInUse while another live process (or this one) has it.
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
 * Removes the lock of a dead owner. Several may see it at once: only who makes the breaker file may
 * remove the lock, and only if it is still that owner's; otherwise a slow one would remove a new lock.
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
  const text = readIfThere(path);
  return text === undefined ? undefined : lockContent.parse(JSON.parse(text));
}

function lockPath(stateDir: string): string {
  return join(stateDir, 'supervisor.lock');
}
