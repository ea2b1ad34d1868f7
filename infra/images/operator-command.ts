/** A command of the operator as infra/Makefile runs it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env as own, execPath } from 'node:process';
import type { Variables } from './job-container.ts';

const main = join(import.meta.dirname, '../../packages/operator/src/main.ts');

export interface Ended {
  readonly code: number | string | undefined;
  /** The cells of the table's lines, without its head. */
  readonly table: readonly (readonly string[])[];
  readonly stderr: string;
}

export const operator = (env: Variables, ...argv: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { env: { PATH: own['PATH'], ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(execPath, [main, ...argv], options, (error, stdout, stderr) => {
      const lines = stdout.trimEnd().split('\n').slice(2);
      resolve({
        code: error === null ? 0 : (error.code ?? undefined),
        table: lines.map((line) => line.trim().split(/ {2,}/)),
        stderr,
      });
    });
  });
