/**
 * Every dependency and permission before the first run: each job looks at its own, as `--check` does,
 * with the very bundle, image and variables that will run; here it is only told together.
 */
import * as z from 'zod';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { type JobCommand, jobCommand, type Runner } from '../run/job-command.ts';
import { runProgram } from '../run/job-process.ts';
import { type Cell, formatTable } from '../table.ts';

const finding = z.object({
  check: z.string(),
  result: z.enum(['ok', 'warn', 'FAIL']),
  found: z.string(),
  action: z.string().optional(),
  exit: z.number(),
});

export interface Finding extends z.infer<typeof finding> {
  readonly of: JobName | 'this machine';
}

export type StartJob = (job: JobName) => Promise<JobCommand>;

export const checkCommand =
  (runner: Runner): StartJob =>
  (job) =>
    jobCommand(runner, job, ['--check', '--log-format=pretty']);

/** All checks of all jobs, side by side; a job that cannot even be started is a finding too. */
export async function examineJobs(start: StartJob, signal: AbortSignal): Promise<Finding[]> {
  const found = await Promise.all(
    jobs.map(async (job): Promise<Finding[]> => {
      try {
        const findings: Finding[] = [];
        const exit = await runProgram(await start(job), signal, (line) => {
          const parsed = finding.safeParse(line);
          if (parsed.success) findings.push({ ...parsed.data, of: job });
          return parsed.success;
        });
        const told = findings.some((one) => one.exit !== 0);
        return exit === 0 || told ? findings : [...findings, unstarted(job, exit, 'see its log')];
      } catch (error) {
        return [unstarted(job, 78, error instanceof Error ? error.message : String(error))];
      }
    }),
  );
  return found.flat();
}

const unstarted = (job: JobName, exit: number, found: string): Finding => ({
  of: job,
  check: '--check',
  result: 'FAIL',
  found: `ended with exit ${String(exit)}: ${found}`,
  action: 'make -C infra install bundle',
  exit,
});

/** What a person reads: a line a check, and an action for each that is not ok. */
export function doctorTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ of, check, result, found }): Cell[] => [result, of, check, found]);
  const actions = findings.flatMap(({ of, check, result, action }) =>
    result === 'ok' || action === undefined ? [] : [`${result}  ${of}, ${check}: ${action}`],
  );
  const table = formatTable(['', 'of', 'check', 'found'], rows);
  return actions.length === 0 ? table : `${table}\n\n${[...new Set(actions)].join('\n')}`;
}

/** 0, 75 where waiting may mend all that fails, else 78. */
export function doctorExit(findings: readonly Finding[]): number {
  const exits = findings.map(({ exit }) => exit).filter((exit) => exit !== 0);
  if (exits.length === 0) return 0;
  return exits.every((exit) => exit === 75) ? 75 : 78;
}
