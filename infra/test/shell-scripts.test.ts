/** Every shell script of the repository, as ShellCheck sees it. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function check(args: readonly string[], input = ''): { status: number | null; told: string } {
  const program = join(root, '.local/python/bin/shellcheck');
  const { status, stdout, error } = spawnSync(program, args, {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  if (error !== undefined) {
    throw new Error(`${program} is missing; infra/install.sh --dev installs it`, { cause: error });
  }
  return { status, told: stdout };
}

it('ShellCheck has nothing to say', () => {
  const scripts = [...globSync('infra/{*,*/*}.sh', { cwd: root }), 'infra/operator', '.ci/run'];
  expect(scripts).toEqual(expect.arrayContaining(['infra/cron/run-job.sh', 'infra/install.sh']));
  expect(check(scripts)).toEqual({ status: 0, told: '' });
});

it('ShellCheck would tell of an unquoted variable', () => {
  const { status, told } = check(['-'], '#!/bin/bash\nrm $1\n');
  expect(status).toBe(1);
  expect(told).toContain('SC2086');
});
