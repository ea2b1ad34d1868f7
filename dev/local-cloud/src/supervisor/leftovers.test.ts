import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endLeftovers, pidFile } from './leftovers.ts';
import { identify } from '../process-identity.ts';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'leftovers-'));
  mkdirSync(join(stateDir, 'run'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

describe('endLeftovers', () => {
  it('ends the process in the PID file', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const exited = once(child, 'exit');
    writeFileSync(pidFile(stateDir, 's3'), JSON.stringify(identify(child.pid ?? 0)));
    const lines: string[] = [];
    expect(await endLeftovers(stateDir, (line) => lines.push(line))).toEqual(['s3']);
    await exited;
    expect(lines).toEqual([expect.stringMatching(/^s3 .* was left by an earlier supervisor/)]);
    expect(readdirSync(join(stateDir, 'run'))).toEqual([]);
  });

  it('does not end another process that has the same PID', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const stranger = { pid: child.pid, started: 'before the stranger' };
    writeFileSync(pidFile(stateDir, 'postgres'), JSON.stringify(stranger));
    expect(await endLeftovers(stateDir, () => undefined)).toEqual([]);
    expect(identify(child.pid ?? 0)).toBeDefined();
    expect(readdirSync(join(stateDir, 'run'))).toEqual([]);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
});
