/** The solutions of the exercises: patches that fit the repository as it is, or a script that makes the changes. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { env } from 'node:process';

const folder = join(import.meta.dirname, '../solutions');
const root = join(import.meta.dirname, '../../..');

const patchOf = (number: number): string => join(folder, `${String(number)}.patch`);
const scriptOf = (number: number): string => join(folder, `${String(number)}.sh`);

/** What a solution changes is known only of a patch. */
export const isPatch = (number: number): boolean => existsSync(patchOf(number));

export const solutionOf = (number: number): string =>
  readFileSync(isPatch(number) ? patchOf(number) : scriptOf(number), 'utf8');

/** The files that the patch changes or adds. */
export const filesOf = (number: number): readonly string[] =>
  [...solutionOf(number).matchAll(/^diff --git a\/.* b\/(.*)$/gm)].map(([, file = '']) => file);

/** Returns why the patch does not fit the files in the folder; undefined if it does. Changes nothing. */
export const whyNotFitting = (number: number, within = root): string | undefined =>
  run(within, 'git', 'apply', '--check', '--whitespace=nowarn', patchOf(number));

/** Changes the files in the folder. @throws when the solution does not fit them. */
export function applySolution(number: number, within: string): void {
  const why = isPatch(number)
    ? run(within, 'git', 'apply', '--whitespace=nowarn', patchOf(number))
    : run(within, 'bash', scriptOf(number));
  if (why !== undefined) throw new Error(`the solution of exercise ${String(number)}: ${why}`);
}

/** Returns what the program said if it failed. */
function run(within: string, program: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, {
    cwd: within,
    encoding: 'utf8',
    env: {
      ...env,
      PATH: [join(within, 'node_modules/.bin'), env['PATH']].join(delimiter),
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      // Not the repository around a copy: git apply leaves out what is outside of the repository that it finds.
      GIT_CEILING_DIRECTORIES: dirname(within),
    },
  });
  if (error !== undefined) throw error;
  return status === 0 ? undefined : stderr.trim();
}
