import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify } from '../process-identity.ts';
import { lockState, StateInUse, stateOwner } from './state-lock.ts';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'state-lock-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

describe('lockState', () => {
  it('excludes others until it is released, and leaves no file behind', () => {
    const release = lockState(stateDir);
    expect(stateOwner(stateDir)).toEqual(identify(process.pid));
    expect(() => lockState(stateDir)).toThrow(StateInUse);
    release();
    expect(stateOwner(stateDir)).toBeUndefined();
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it('takes over from an owner whose PID now belongs to another process', () => {
    const owner = { pid: process.pid, started: 'an earlier boot' };
    writeFileSync(join(stateDir, 'supervisor.lock'), JSON.stringify({ owner, nonce: 'old' }));
    expect(stateOwner(stateDir)).toBeUndefined();
    lockState(stateDir);
    expect(stateOwner(stateDir)).toEqual(identify(process.pid));
    expect(readdirSync(stateDir)).toEqual(['supervisor.lock']);
  });

  it('is not released by a former owner', () => {
    const release = lockState(stateDir);
    rmSync(join(stateDir, 'supervisor.lock'));
    lockState(stateDir);
    release();
    expect(stateOwner(stateDir)).toEqual(identify(process.pid));
  });
});
