/** Runs commands of the operator as infra/Makefile does. */
import { type ChildProcess, execFile } from 'node:child_process';
import { join } from 'node:path';
import { env as own, execPath } from 'node:process';

export interface OperatorEnd {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

const main = join(import.meta.dirname, '../../../packages/operator/src/main.ts');

/** Starts a command with these variables, PATH, and Node's compile cache if this process has one. */
export function startOperator(env: Environment, ...argv: readonly string[]) {
  let child: ChildProcess | undefined;
  const { PATH, NODE_COMPILE_CACHE } = own;
  const options = { env: { PATH, NODE_COMPILE_CACHE, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const ended = new Promise<OperatorEnd>((resolve) => {
    child = execFile(execPath, [main, ...argv], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? undefined), stdout, stderr });
    });
  });
  return { child, ended };
}

export const operator = (env: Environment, ...argv: readonly string[]): Promise<OperatorEnd> =>
  startOperator(env, ...argv).ended;

/** The cells of a table, without its heading. */
export const cells = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/));
