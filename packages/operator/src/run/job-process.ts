/** Runs a job as a separate process, as a scheduler does: arguments in, summary lines and an exit code out. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
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

/** Starts the job, unless it is too late. Its log goes on to our stderr; its summary lines are read. */
export async function runJobProcess(command: JobCommand, signal: AbortSignal): Promise<JobResult> {
  const days: Summary[] = [];
  const exit = await runProgram(command, signal, (line) => {
    const parsed = summary.safeParse(line);
    if (parsed.success) days.push(parsed.data);
    return parsed.success;
  });
  return { exit, days };
}

/** Hands every line of JSON on stdout to `take`; a line that it does not take goes on to ours. */
export async function runProgram(
  { file, args, env }: JobCommand,
  signal: AbortSignal,
  take: (line: unknown) => boolean,
): Promise<number> {
  if (signal.aborted) return 143;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => {
      resolve(by === null ? exitOf(code ?? 70) : 143);
    });
  });
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
