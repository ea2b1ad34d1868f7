/** Runs a program of a step in a new process group, which ends with the step. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { identify } from '@user-behaviour/local-cloud/process-identity';
import { findCause } from './failure-cause.ts';
import { endProcessGroup } from './process-group.ts';
import type { StepOutcome } from '../clusters/cluster.ts';
import type { StepLog } from './step-log.ts';
import type { StepControl } from './step-runner.ts';

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5000;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Writes to the step's stdout and stderr. Rejects if the program does not start. */
export async function runProcess(
  { file, args, cwd, env }: Program,
  log: StepLog,
  control: StepControl,
): Promise<Ended> {
  await using out = await open(log.stdout, 'a');
  await using err = await open(log.stderr, 'a');
  // Files, not pipes: the output survives this process.
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', out.fd, err.fd],
  });
  const exit = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) {
    await exit;
    throw new Error(`${file} did not start`);
  }
  const leader = identify(pid);
  if (leader !== undefined) control.onProcess(leader);
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending ??= endProcessGroup(pid, control.killAtOnce() ? 0 : GRACE_MS);
  };
  control.signal.addEventListener('abort', end);
  if (control.signal.aborted) end();
  try {
    const [code, signal] = (await exit) as [number | null, string | null];
    return { code, signal };
  } finally {
    control.signal.removeEventListener('abort', end);
    await ending;
    // Otherwise workers that outlive the program would continue to write.
    await endProcessGroup(pid, 0);
  }
}

/** COMPLETED for exit code 0, otherwise FAILED with the reason from its output. */
export function outcomeOf(program: string, { code, signal }: Ended, log: StepLog): StepOutcome {
  const end = `${program} ended with ${signal ?? `exit code ${code ?? ''}`}`;
  log.control(end);
  if (code === 0) return { ok: true };
  const { stdout, stderr } = log.tails();
  const cause = findCause(stdout, stderr);
  return {
    ok: false,
    reason: end,
    message: cause?.message ?? 'stdout and stderr contain no reason.',
    logFile: cause === undefined ? log.controller : log[cause.output],
  };
}
