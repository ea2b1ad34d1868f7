/** Runs all jobs for a day or a range and reports the outcome of each. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type ChainResult, runChain } from './chain.ts';
import { consecutiveRanges, type Order } from '../plan/day-ranges.ts';
import { failureKinds, mostSevereExit } from '@user-behaviour/shared/failure';
import { canWait, type JobName, jobs, pipeline, stageOf } from '@user-behaviour/shared/pipeline';
import { jobCommand, requireJobs, type Runner } from './job-command.ts';
import { runJobProcess, type Summary } from './job-process.ts';
import { withRetries } from './retry.ts';
import { type Cell, formatTable } from '../table.ts';

export interface PipelineOptions {
  readonly runner: Runner;
  /** Ascending; neighbours go through one process a job. */
  readonly days: readonly Ds[];
  readonly order: Order;
  readonly parallel: number;
  readonly retries: number;
  /** Milliseconds. */
  readonly retryDelay: number;
  /** Passed on to every job, e.g. `--log-format=json`. */
  readonly passOn: readonly string[];
  /** How long the jobs that read what may be late wait for it, e.g. `30m`. */
  readonly wait?: string | undefined;
  /** For one job alone, e.g. `--depends-on-past`. */
  readonly passOnTo?: Readonly<Partial<Record<JobName, readonly string[]>>>;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/** The chain for one range of neighbours after the other; one that fails stops no other. */
export async function runPipeline(options: PipelineOptions): Promise<ChainResult> {
  await requireJobs(options.runner);
  const ranges = consecutiveRanges(options.days, options.order);
  let all: ChainResult = {};
  for (const [index, days] of ranges.entries()) {
    if (options.signal.aborted) break;
    const [first, last] = [days[0] ?? '', days.at(-1) ?? ''];
    if (ranges.length > 1) {
      options.report(
        `${first === last ? first : `${first} to ${last}`} (${String(index + 1)} of ${String(ranges.length)} ranges)`,
      );
    }
    all = joined(all, await runRange(days, options));
  }
  return options.signal.aborted ? joined(all, interrupted) : all;
}

/** Says of the whole that days were left. */
const interrupted: ChainResult = { 'extract-purchases': { exit: 143, days: [] } };

/** What each job did in one range after another; its exit code is the first that is not 0. */
function joined(one: ChainResult, other: ChainResult): ChainResult {
  const both = jobs.flatMap((job) => {
    const results = [one[job], other[job]].filter((result) => result !== undefined);
    const exit = results.find((result) => result.exit !== 0)?.exit ?? 0;
    const days = results.flatMap((result) => result.days);
    return results.length === 0 ? [] : [[job, { exit, days }] as const];
  });
  return Object.fromEntries(both);
}

function runRange(range: readonly Ds[], options: PipelineOptions): Promise<ChainResult> {
  return runChain(range, (job, days) =>
    withRetries(
      job,
      days,
      async (pending) => {
        const args = jobArguments(pending, {
          ...options,
          passOn: [
            ...options.passOn,
            ...(options.wait !== undefined && canWait(stageOf(job))
              ? [`--wait=${options.wait}`]
              : []),
            ...(options.passOnTo?.[job] ?? []),
          ],
        });
        const command = await jobCommand(options.runner, job, args);
        return runJobProcess(command, options.signal);
      },
      {
        retries: options.retries,
        delay: options.retryDelay,
        signal: options.signal,
        report: options.report,
      },
    ),
  );
}

/** Days are always neighbours: one process does them all. */
export function jobArguments(
  days: readonly Ds[],
  { parallel, order, passOn }: Pick<PipelineOptions, 'parallel' | 'order' | 'passOn'>,
): string[] {
  const [first, last] = [days[0] ?? '', days.at(-1) ?? ''];
  const range = [
    `--through=${last}`,
    `--parallel=${String(parallel)}`,
    ...(order === 'newest-first' ? ['--newest-first'] : []),
  ];
  return [`--ds=${first}`, ...(first === last ? [] : range), ...passOn];
}

/** Looks up what a job reported of a day. */
function byDay(result: ChainResult): (job: JobName, ds: Ds) => Summary | undefined {
  const reported = new Map(
    jobs.map((job) => [job, new Map(result[job]?.days.map((day) => [day.ds, day]))]),
  );
  return (job, ds) => reported.get(job)?.get(ds);
}

/** A line a day: what each job did, with its rows, e.g. `published 1450`. */
export function pipelineTable(days: readonly Ds[], result: ChainResult): string {
  const reported = byDay(result);
  const rows = days.map((ds): Cell[] => [
    ds,
    ...jobs.map((job) => {
      const day = reported(job, ds);
      if (day === undefined) return result[job] === undefined ? 'not run' : 'no answer';
      const rows = day['rows'];
      return day.exit === 0
        ? `${day.status}${typeof rows === 'number' ? ` ${String(rows)}` : ''}`
        : `FAILED (${String(day.exit)} ${day.kind ?? ''})`;
    }),
  ]);
  return formatTable(['ds', ...pipeline.map(({ rows }) => rows)], rows);
}

/** The exit code of the whole and a sentence that names the failed days, or nothing when all went well. */
export function pipelineVerdict(
  days: readonly Ds[],
  result: ChainResult,
): { readonly exit: number; readonly failed: readonly Ds[] } {
  const reported = byDay(result);
  const failed = days.filter((ds) => jobs.some((job) => reported(job, ds)?.exit !== 0));
  const exits = jobs.flatMap((job) => {
    const outcome = result[job];
    return outcome === undefined ? [] : [outcome.exit, ...outcome.days.map(({ exit }) => exit)];
  });
  const exit = mostSevereExit(exits);
  return { exit: exit === 0 && failed.length > 0 ? failureKinds.bug.exit : exit, failed };
}
