/** Runs the whole chain for one day or a range and tells a person how it went. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type ChainResult, runChain } from './chain.ts';
import { jobCommand, type JobName, jobs, type Runner } from './job-command.ts';
import { runJobProcess } from './job-process.ts';
import { withRetries } from './retry.ts';
import { type Cell, formatTable } from './table.ts';

export interface PipelineOptions {
  readonly runner: Runner;
  readonly days: readonly Ds[];
  readonly parallel: number;
  readonly retries: number;
  /** Milliseconds. */
  readonly retryDelay: number;
  /** Handed on to every job, e.g. `--wait=30m`. */
  readonly passOn: readonly string[];
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

export function runPipeline(options: PipelineOptions): Promise<ChainResult> {
  return runChain(options.days, (job, days) =>
    withRetries(
      job,
      days,
      async (pending) => {
        const command = await jobCommand(options.runner, job, jobArguments(pending, options));
        return runJobProcess(command, options.signal);
      },
      {
        retries: options.retries,
        delay: options.retryDelay,
        signal: options.signal,
        tell: options.tell,
      },
    ),
  );
}

/** Days are always neighbours: one process does them all. */
export function jobArguments(
  days: readonly Ds[],
  { parallel, passOn }: Pick<PipelineOptions, 'parallel' | 'passOn'>,
): string[] {
  const [first, last] = [days[0] ?? '', days.at(-1) ?? ''];
  const range = first === last ? [] : [`--through=${last}`, `--parallel=${String(parallel)}`];
  return [`--ds=${first}`, ...range, ...passOn];
}

const shown: readonly (readonly [JobName, string])[] = [
  ['extract-purchases', 'purchases'],
  ['stage-reviews', 'reviews'],
  ['emr-clean', 'cleaned'],
  ['redshift-load', 'customers'],
];

/** A line a day: what each job did, with its rows, e.g. `published 1450`. */
export function pipelineTable(days: readonly Ds[], result: ChainResult): string {
  const rows = days.map((ds): Cell[] => [
    ds,
    ...shown.map(([job]) => {
      const day = result[job]?.days.find((summary) => summary.ds === ds);
      if (day === undefined) return result[job] === undefined ? 'not run' : 'no answer';
      const rows = day['rows'];
      return day.exit === 0
        ? `${day.status}${typeof rows === 'number' ? ` ${String(rows)}` : ''}`
        : `FAILED (${String(day.exit)} ${day.kind ?? ''})`;
    }),
  ]);
  return formatTable(['ds', ...shown.map(([, title]) => title)], rows);
}

/** The exit code of the whole and a sentence that names the failed days, or nothing when all went well. */
export function pipelineVerdict(
  days: readonly Ds[],
  result: ChainResult,
): { readonly exit: number; readonly failed: readonly Ds[] } {
  const failed = days.filter((ds) =>
    jobs.some((job) => result[job]?.days.find((day) => day.ds === ds)?.exit !== 0),
  );
  const order = [70, 78, 64, 65, 143, 75];
  const exits = jobs.flatMap((job) => {
    const outcome = result[job];
    return outcome === undefined ? [] : [outcome.exit, ...outcome.days.map(({ exit }) => exit)];
  });
  const exit = order.find((code) => exits.includes(code)) ?? exits.find((code) => code !== 0);
  return { exit: exit ?? (failed.length > 0 ? 70 : 0), failed };
}
