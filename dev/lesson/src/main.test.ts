import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, it } from 'vitest';
import { labs } from './labs/labs.ts';

/** Milliseconds for starting a process on a busy machine. */
const patience = 30_000;

const main = (...argv: string[]) =>
  spawnSync(execPath, [join(import.meta.dirname, 'main.ts'), ...argv], { encoding: 'utf8' });

it('lists the labs, a line each', { timeout: patience }, () => {
  const { status, stdout } = main('lab');
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(labs.length);
});

it.each([
  [['lab', 'fan-in'], 'there is no lab "fan-in"; expected LAB=fan-out, no-lock,'],
  [['grade', '33'], 'there is no exercise "33"; expected N=1, 2,'],
  [['grade'], 'there is no exercise ""; expected N=1, 2,'],
  [['lab', 'fan-out', 'no-lock'], 'expected one name, found also no-lock'],
  [[], 'expected lab, exercise, grade or solution'],
])('ends with 64 for %j', { timeout: patience }, (argv, said) => {
  const { status, stdout, stderr } = main(...argv);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(said);
});
