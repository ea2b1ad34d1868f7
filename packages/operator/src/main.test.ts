/** The operator as a process whose output cannot be written. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';

/** A descriptor that refuses every write, as a full disk does. */
function refusing(): number {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  writeFileSync(join(folder, 'out'), '');
  const fd = openSync(join(folder, 'out'), 'r');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return fd;
}

const start = (argument: string, stdout: number | 'pipe', stderr: number | 'pipe') =>
  spawn(execPath, [join(import.meta.dirname, 'main.ts'), argument], {
    stdio: ['ignore', stdout, stderr],
  });

it('ends with 74 if its result cannot be written, and says so', async () => {
  for (const argument of ['completion', '--help']) {
    const operator = start(argument, refusing(), 'pipe');
    const told = operator.stderr === null ? '' : text(operator.stderr);
    expect(await once(operator, 'close')).toEqual([74, null]);
    expect(await told).toContain('operator: stdout could not be written: EBADF');
  }
});

it('ends with 74 if nobody reads its result', async () => {
  const operator = start('completion', 'pipe', 'pipe');
  operator.stdout?.destroy();
  expect(await once(operator, 'close')).toEqual([74, null]);
});

it('keeps the exit code of a failure that it cannot tell of', async () => {
  expect(await once(start('fly', refusing(), refusing()), 'close')).toEqual([64, null]);
});
