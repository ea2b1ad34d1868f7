/** Runs a job as a separate process, as a scheduler does: arguments in, summary lines and an exit code out. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { JobListener } from '../progress/progress.ts';
import type { JobCommand } from './job-command.ts';

const summary = z.looseObject({
  job: z.string(),
  ds: z.string(),
  run: z.string(),
  status: z.string(),
  exit: z.number(),
  kind: z.string().optional(),
  message: z.string().optional(),
});

export type Summary = z.infer<typeof summary>;

export interface JobResult {
  /** 143 for a process that a signal ended. */
  readonly exit: number;
  /** One for each day that the job got to. */
  readonly days: readonly Summary[];
}

/** Starts the job, unless it is too late. Its log goes on to our stderr, or to `listener`; its summary lines are read. */
export async function runJobProcess(
  command: JobCommand,
  signal: AbortSignal,
  listener?: JobListener,
): Promise<JobResult> {
  const days: Summary[] = [];
  const take = (line: unknown) => {
    const parsed = summary.safeParse(line);
    if (!parsed.success) return false;
    days.push(parsed.data);
    listener?.onDay(parsed.data);
    return true;
  };
  return { exit: await runProgram(command, signal, take, listener?.onLog), days };
}

/**
 * Hands every line of JSON on stdout to `take`; a line that it does not take goes on to ours. stderr is
 * ours, unless `onLog` takes its lines.
 */
export async function runProgram(
  { file, args, env }: JobCommand,
  signal: AbortSignal,
  take: (line: unknown) => boolean,
  onLog?: (line: string) => void,
): Promise<number> {
  if (signal.aborted) return 143;
  const stderr = onLog === undefined ? 'inherit' : 'pipe';
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', stderr] });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => {
      resolve(by === null ? exitOf(code ?? 70) : 143);
    });
  });
  if (onLog !== undefined && child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', onLog);
  }
  if (child.stdout === null) return ended;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!take(json(line))) process.stdout.write(`${line}\n`);
  }
  const exit = await ended;
  signal.removeEventListener('abort', stop);
  return exit;
}

/** A container tells of a signal by 128 and its number (137: killed, or out of memory); 125 to 127 are Docker's own. */
function exitOf(code: number): number {
  if (code > 128) return 143;
  return code >= 125 ? 70 : code;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
