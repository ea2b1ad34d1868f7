/** The solutions of the exercises: patches that fit the repository as it is. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { env } from 'node:process';

const folder = join(import.meta.dirname, '../solutions');
const root = join(import.meta.dirname, '../../..');

const pathOf = (number: number): string => join(folder, `${String(number)}.patch`);

export const solutionOf = (number: number): string => readFileSync(pathOf(number), 'utf8');

/** The files that the solution changes or adds. */
export const filesOf = (number: number): readonly string[] =>
  [...solutionOf(number).matchAll(/^diff --git a\/.* b\/(.*)$/gm)].map(([, file = '']) => file);

/** Returns why the patch does not fit the files in the folder; undefined if it does. Changes nothing. */
export const whyNotFitting = (number: number, within = root): string | undefined =>
  git(number, within, '--check');

/** Changes the files in the folder. @throws when the patch does not fit them. */
export function applySolution(number: number, within: string): void {
  const why = git(number, within);
  if (why !== undefined) throw new Error(`the solution of exercise ${String(number)}: ${why}`);
}

function git(number: number, within: string, ...options: readonly string[]): string | undefined {
  // Not the repository around a copy: git apply leaves out what is outside of the repository that it finds.
  const GIT_CEILING_DIRECTORIES = dirname(within);
  const { status, stderr, error } = spawnSync(
    'git',
    ['apply', '--whitespace=nowarn', ...options, pathOf(number)],
    { cwd: within, encoding: 'utf8', env: { ...env, GIT_CEILING_DIRECTORIES } },
  );
  if (error !== undefined) throw error;
  return status === 0 ? undefined : stderr.trim();
}
