/** Runs a command of the operator as infra/Makefile does. */
import { type ChildProcess, execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

const main = join(import.meta.dirname, '../src/main.ts');

/** Where Node keeps the code that it has compiled, if the whole run has such a place: the operator starts in half the time. */
const { NODE_COMPILE_CACHE } = process.env;

export function startOperator(env: Environment, ...argv: string[]) {
  let child: ChildProcess | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child = execFile(
      process.execPath,
      [main, ...argv],
      { env: { ...env, NODE_COMPILE_CACHE } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? undefined), stdout, stderr });
      },
    );
  });
  return { child, ended };
}

export const operator = (env: Environment, ...argv: string[]): Promise<Ended> =>
  startOperator(env, ...argv).ended;

/** The cells of a table, without its heading. */
export const cells = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/));
