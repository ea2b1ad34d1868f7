import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** The audit beside an npm that answers so and ends with this code. */
function audit(answer: string, code: number, env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const npm = `#!/bin/sh\ncat <<'END'\n${answer}\nEND\nexit ${String(code)}\n`;
  writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 });
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'audit.mjs')], {
    encoding: 'utf8',
    env: { PATH, ...env },
  });
  return { status, stderr };
}

const required = { REQUIRE_AUDIT: '1' };
const found = (severity: string) =>
  JSON.stringify({ metadata: { vulnerabilities: {} }, vulnerabilities: { left: { severity } } });

it.each(['', '{"message":"request to the registry failed","error":{}}', '<html>'])(
  'a registry without an answer only warns, and fails if an answer is required: %j',
  (answer) => {
    expect(audit(answer, 1)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('the registry did not answer') as string,
    });
    expect(audit(answer, 1, { REQUIRE_AUDIT: '0' }).status).toBe(0);
    expect(audit(answer, 1, required)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the registry did not answer') as string,
    });
  },
);

it.each([
  ['low', 0],
  ['high', 1],
  ['critical', 1],
])('a vulnerability that is %s ends with %i, promised or not', (severity, status) => {
  expect(audit(found(severity), 1).status).toBe(status);
  expect(audit(found(severity), 1, required).status).toBe(status);
});
