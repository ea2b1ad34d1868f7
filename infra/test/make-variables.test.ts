import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const infra = join(import.meta.dirname, '..');

/** What a person types after `make`; no shell of ours stands between. */
const make = (...argv: string[]) =>
  new Promise<string>((resolve) => {
    execFile('make', ['-C', infra, ...argv], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });

it.each([
  '$(touch FILE)',
  '`touch FILE`',
  "x'; touch FILE; 'y",
  'x"; touch FILE; "y',
  '$(shell touch FILE)',
])('what was typed reaches the program as it was typed, and no shell: %s', async (typed) => {
  const folder = mkdtempSync(join(tmpdir(), 'make-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'made');
  const text = typed.replace('FILE', file);
  expect(await make('status', `FROM=${text}`)).toContain(JSON.stringify(text));
  expect(existsSync(file)).toBe(false);
});
