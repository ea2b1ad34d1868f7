/** Starts the job as a separate process, as a scheduler does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** One line of the job's stdout. */
export interface Summary {
  readonly ds: string;
  readonly status: string;
  readonly kind?: string;
  readonly message?: string;
  readonly action?: string;
  readonly publishedRun?: string;
  readonly steps?: readonly unknown[];
}

export interface Finished {
  readonly exit: number | null;
  readonly summaries: readonly Summary[];
  readonly log: string;
}

export interface JobProcess {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

export function startJob(env: Readonly<Record<string, string>>, ...argv: string[]): JobProcess {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../src/main.ts'), '--log-format=json', ...argv],
    { env: { ...env, PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const finish = async (): Promise<Finished> => {
    const [stdout, log] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return {
      exit: child.exitCode,
      summaries: lines.map((line) => JSON.parse(line) as Summary),
      log,
    };
  };
  return { child, finished: finish() };
}

export const runToEnd = (env: Readonly<Record<string, string>>, ...argv: string[]) =>
  startJob(env, ...argv).finished;
