/** Runs a program and measures the resources of its process tree. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import * as z from 'zod';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

const measured = z.object({ wall: z.number(), cpu: z.number(), memory: z.number(), exit: z.int() });

export interface Measurement {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of user and system time of the whole process tree. */
  readonly cpu: number;
  /** Bytes: the peak of the sum of the tree's resident sets. */
  readonly memory: number;
  readonly stdout: string;
}

/** How many characters of each stream an error shows. */
const shown = 2_000;

/**
 * Runs the command to its end.
 * @throws if its exit code is not 0 (or `expectedExit`), with the end of its output.
 */
export async function measure(
  { file, args, env }: Command,
  {
    python,
    signal,
    expectedExit = 0,
  }: { readonly python: string; readonly signal: AbortSignal; readonly expectedExit?: number },
): Promise<Measurement> {
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const result = join(folder, 'result.json');
  try {
    const { stdout, stderr } = await completed(
      python,
      [join(import.meta.dirname, 'measure.py'), result, file, ...args],
      env,
      signal,
    );
    const { exit, ...took } = measured.parse(JSON.parse(await readFile(result, 'utf8')));
    if (exit !== expectedExit) {
      const said = [stdout.slice(-shown), stderr.slice(-shown)].filter((text) => text !== '');
      throw new Error(
        `${file} ended with ${String(exit)}, expected ${String(expectedExit)}:\n${said.join('\n')}`,
      );
    }
    return { ...took, stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs it in a separate process group, so that a stop ends the whole tree. */
function completed(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
    const stop = () => {
      if (child.pid !== undefined) kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(new Error('stopped', { cause: signal.reason }));
      else if (code === 0) resolve({ stdout: stdout.join(''), stderr: stderr.join('') });
      else reject(new Error(`${file} could not be measured: ${stderr.join('').slice(-shown)}`));
    });
  });
}
