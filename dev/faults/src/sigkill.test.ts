import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { expect, it } from 'vitest';
import { sigkill } from './sigkill.ts';

it('a kill reports whether the process was still running', async () => {
  const child = spawn(execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  expect(sigkill(-pid)).toBe(true);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(sigkill(-pid)).toBe(false);
  expect(sigkill(pid)).toBe(false);
});
