/** The operator without make: what a scheduler or a script calls. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const program = join(import.meta.dirname, '../operator');

it('ends with the exit code of the command, from any folder', () => {
  const { status, stderr } = spawnSync(program, ['run', '--ds=never'], {
    cwd: tmpdir(),
    env: { ...process.env, MAKE_TARGET: 'test' },
    encoding: 'utf8',
  });
  expect(stderr).toContain('operator: --ds must be a real day such as 2010-12-01, not "never"');
  expect(status).toBe(64);
});

it('ends with 74 if its output is closed', () => {
  const closed = { shell: '/bin/sh', encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(`"${program}" completion >&-`, closed);
  expect(stderr).toContain('operator: stdout could not be written');
  expect(status).toBe(74);
});
