/** Runs all jobs for a day or a range and reports the outcome of each. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type ChainResult, runChain } from './chain.ts';
import { consecutiveRanges, type Order, tellRange } from '../plan/day-ranges.ts';
import { failureKinds, isDone, mostSevereExit } from '@user-behaviour/shared/failure';
import { canWait, type JobName, jobs, pipeline, stageOf } from '@user-behaviour/shared/pipeline';
import { jobCommand, requireJobs, type Runner } from './job-command.ts';
import type { JobListener, Progress } from '../progress/progress.ts';
import { type JobResult, runJobProcess, type Summary } from './job-process.ts';
import { tellDuration } from '../fit-text.ts';
import type { ChainTrace } from '../trace/chain-trace.ts';
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
  /** How long the jobs that read what may be late wait for it, e.g. `30m`. */
  readonly wait?: string | undefined;
  /** Whether the jobs do days that are current, too. */
  readonly force?: boolean;
  /** For one job alone, e.g. `--depends-on-past`. */
  readonly passOnTo?: Readonly<Partial<Record<JobName, readonly string[]>>>;
  /** Jobs that are not run: what they have published stays. */
  readonly leave?: readonly JobName[];
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Only if telemetry is sent. */
  readonly trace?: Pick<ChainTrace, 'startJob'> | undefined;
}

/** The chain for one range of neighbours after the other; one that fails stops no other. */
export async function runPipeline(options: PipelineOptions): Promise<ChainResult> {
  await requireJobs(options.runner);
  const ranges = consecutiveRanges(options.days, options.order);
  let all: ChainResult = {};
  for (const [index, days] of ranges.entries()) {
    if (options.signal.aborted) break;
    if (ranges.length > 1) {
      const range = tellRange(days[0] ?? '', days.at(-1) ?? '');
      options.progress.report(`${range} (${String(index + 1)} of ${String(ranges.length)} ranges)`);
    }
    all = joined(all, await runRange(days, options));
  }
  return options.signal.aborted ? joined(all, interrupted) : all;
}

/** Tells of the whole that days were left. */
const interrupted: ChainResult = { 'extract-purchases': { exit: 143, days: [] } };

/** What each job did in one range after another; its exit code is the most severe. */
function joined(one: ChainResult, other: ChainResult): ChainResult {
  const both = jobs.flatMap((job) => {
    const results = [one[job], other[job]].filter((result) => result !== undefined);
    const exit = mostSevereExit(results.map((result) => result.exit));
    const days = results.flatMap((result) => result.days);
    return results.length === 0 ? [] : [[job, { exit, days }] as const];
  });
  return Object.fromEntries(both);
}

async function runRange(range: readonly Ds[], options: PipelineOptions): Promise<ChainResult> {
  const { progress, leave = [] } = options;
  const results = await runChain(range, async (job, days) => {
    if (leave.includes(job)) {
      progress.end(job, days, undefined);
      return { exit: 0, days: days.map((ds) => ({ job, ds, run: '', status: 'left', exit: 0 })) };
    }
    const result = await withRetries(
      job,
      days,
      (pending) => startJob(job, pending, options, progress.start(job, days)),
      {
        retries: options.retries,
        delay: options.retryDelay,
        force: options.force,
        order: options.order,
        signal: options.signal,
        report: progress.report,
        onRetry: (again, delay) => {
          progress.retry(job, again, delay);
        },
      },
    );
    progress.end(job, days, result);
    return result;
  });
  for (const job of jobs) if (results[job] === undefined) progress.end(job, range, undefined);
  return results;
}

async function startJob(
  job: JobName,
  days: readonly Ds[],
  options: PipelineOptions,
  listener: JobListener,
): Promise<JobResult> {
  const waits = options.wait !== undefined && canWait(stageOf(job));
  const passOn = [
    '--log-format=json',
    ...(waits ? [`--wait=${options.wait}`] : []),
    ...(options.force === true ? ['--force'] : []),
    ...(options.passOnTo?.[job] ?? []),
  ];
  const args = jobArguments(days, { ...options, passOn });
  const trace = options.trace?.startJob(job, days);
  const environment = { ...process.env, ...trace?.variables };
  const command = await jobCommand(options.runner, job, args, environment);
  const result = await runJobProcess(command, options.signal, listener);
  trace?.end(result.exit);
  return result;
}

/** Days are always neighbours: one process does them all. */
export function jobArguments(
  days: readonly Ds[],
  {
    parallel,
    order,
    passOn,
  }: Pick<PipelineOptions, 'parallel' | 'order'> & { readonly passOn: readonly string[] },
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
      if (day === undefined) return tellSilence(result[job]);
      const rows = day['rows'];
      return day.exit === 0
        ? `${day.status}${typeof rows === 'number' ? ` ${String(rows)}` : ''}`
        : `FAILED (${String(day.exit)} ${day.kind ?? ''})`;
    }),
  ]);
  return formatTable(['ds', ...pipeline.map(({ rows }) => rows)], rows);
}

function tellSilence(result: JobResult | undefined): string {
  if (result === undefined) return 'not run';
  if (isLost(result)) return 'report lost';
  const endedBeforeAnyDay = result.days.length === 0 && result.exit !== 0;
  return endedBeforeAnyDay ? `FAILED (${String(result.exit)})` : 'no answer';
}

/** Every day was done, also those that it could not tell of. */
const isLost = ({ exit }: JobResult): boolean => exit === failureKinds['report-lost'].exit;

/** The exit code of the whole and the failed days. */
export function pipelineVerdict(
  days: readonly Ds[],
  result: ChainResult,
): { readonly exit: number; readonly failed: readonly Ds[] } {
  const reported = byDay(result);
  const hasFailed = (job: JobName, ds: Ds): boolean => {
    const outcome = result[job];
    const day = reported(job, ds);
    return day === undefined ? outcome === undefined || !isLost(outcome) : day.exit !== 0;
  };
  const failed = days.filter((ds) => jobs.some((job) => hasFailed(job, ds)));
  const exits = jobs.flatMap((job) => {
    const outcome = result[job];
    return outcome === undefined ? [] : [outcome.exit, ...outcome.days.map(({ exit }) => exit)];
  });
  const exit = mostSevereExit(exits);
  return { exit: exit === 0 && failed.length > 0 ? failureKinds.bug.exit : exit, failed };
}

/** `4 jobs: 4 ok, 0 failed in 12 s` of one day, `31 days: 29 ok, 2 failed in 3 min 5 s` of several. */
export function pipelineSummary(
  days: readonly Ds[],
  result: ChainResult,
  milliseconds: number,
): string {
  const time = tellDuration(milliseconds);
  if (days.length !== 1) {
    const { failed } = pipelineVerdict(days, result);
    const ok = days.length - failed.length;
    return `${String(days.length)} days: ${String(ok)} ok, ${String(failed.length)} failed in ${time}`;
  }
  const started = Object.values(result);
  const ok = started.filter(({ exit }) => isDone(exit)).length;
  const notRun = jobs.length - started.length;
  return [
    `${String(jobs.length)} jobs: ${String(ok)} ok, ${String(started.length - ok)} failed`,
    ...(notRun > 0 ? [`, ${String(notRun)} not run`] : []),
    ` in ${time}`,
  ].join('');
}
