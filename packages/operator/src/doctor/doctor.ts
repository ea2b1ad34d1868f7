/**
 * Checks every dependency and permission before the first run. Each job checks its own with `--check`, in
 * the bundle or image and with the variables that will run; the doctor collects the findings.
 */
import * as z from 'zod';
import { isDone } from '@user-behaviour/shared/failure';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { type JobCommand, jobCommand, type Runner } from '../run/job-command.ts';
import { runProgram } from '../run/job-process.ts';
import { wrap } from '../fit-text.ts';
import type { Output } from '../output.ts';
import { type Cell, formatTable } from '../table.ts';

const finding = z.object({
  check: z.string(),
  result: z.enum(['ok', 'warn', 'FAIL']),
  found: z.string(),
  action: z.string().optional(),
  exit: z.number(),
});

export interface Finding extends z.infer<typeof finding> {
  readonly component: JobName | 'this machine';
}

export type StartJob = (job: JobName) => Promise<JobCommand>;

export const checkCommand =
  (runner: Runner): StartJob =>
  (job) =>
    jobCommand(runner, job, ['--check', '--log-format=pretty']);

/** Runs the checks of all jobs concurrently. A job that cannot start is a finding, too. */
export async function runJobChecks(start: StartJob, signal: AbortSignal): Promise<Finding[]> {
  const found = await Promise.all(
    jobs.map(async (job): Promise<Finding[]> => {
      try {
        const findings: Finding[] = [];
        const exit = await runProgram(await start(job), signal, (line) => {
          const parsed = finding.safeParse(line);
          if (parsed.success) findings.push({ ...parsed.data, component: job });
          return parsed.success;
        });
        const explained = isDone(exit) || findings.some((one) => one.exit !== 0);
        return explained ? findings : [...findings, failedCheck(job, exit, 'see its log')];
      } catch (error) {
        return [failedCheck(job, 78, error instanceof Error ? error.message : String(error))];
      }
    }),
  );
  return found.flat();
}

const failedCheck = (job: JobName, exit: number, found: string): Finding => ({
  component: job,
  check: '--check',
  result: 'FAIL',
  found: `ended with exit ${String(exit)}: ${found}`,
  action: 'make install bundle',
  exit,
});

export const doctorOutput = (findings: readonly Finding[]): Output => ({
  text: (width) => doctorTable(findings, width),
  json: () => ({
    exit: doctorExit(findings),
    findings: findings.map((one) => ({ ...one, action: one.action ?? null })),
  }),
});

/** One line per check, then an action for each check that is not ok. */
export function doctorTable(findings: readonly Finding[], width?: number): string {
  const rows = findings.map(({ component, check, result, found }): Cell[] => [
    result,
    component,
    check,
    found,
  ]);
  const actions = findings.flatMap(({ component, check, result, action }) =>
    result === 'ok' || action === undefined
      ? []
      : wrap(`${component}, ${check}: ${action}`, (width ?? Infinity) - 6).map(
          (part, index) => `${(index === 0 ? result : '').padEnd(6)}${part}`,
        ),
  );
  const table = formatTable(['', 'component', 'check', 'found'], rows, {
    width,
    overflow: 'wrap',
  });
  return actions.length === 0 ? table : `${table}\n\n${[...new Set(actions)].join('\n')}`;
}

/** 0 without failures, 75 if waiting may fix all of them, else 78. */
export function doctorExit(findings: readonly Finding[]): number {
  const exits = findings.map(({ exit }) => exit).filter((exit) => exit !== 0);
  if (exits.length === 0) return 0;
  return exits.every((exit) => exit === 75) ? 75 : 78;
}
