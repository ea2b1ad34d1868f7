/** What a job is to the runner: a name, its variables, and a way to do one day or several. */
import type { Configuration, Validate, Variables } from './config.ts';
import type { HealthChecks } from './health-checks.ts';
import type { CommandLine } from './command-line.ts';
import type { Ds } from '../ds.ts';
import type { Log } from './log.ts';
import type { Program } from './options.ts';

/** One attempt at one day. */
export interface Day {
  readonly ds: Ds;
  readonly run: string;
  readonly log: Log;
}

/** What became of a day; the facts go into the summary line. */
export interface Outcome {
  readonly status: 'published' | 'loaded' | 'unchanged' | 'superseded' | 'planned';
  readonly [fact: string]: unknown;
}

export interface Session extends Pick<CommandLine, 'parallel' | 'wait' | 'dryRun' | 'flags'> {
  readonly log: Log;
  /** Aborted with an interrupted failure on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly job: { readonly name: string; readonly version: string };
}

/** Reports a day of a batch: its outcome, or the error that ended it. */
export type ReportDay = (ds: Ds, result: Outcome | { readonly error: unknown }) => void;

export interface OpenJob extends AsyncDisposable {
  /** Days are done one by one, at most `--parallel` at a time … */
  readonly runDay?: (day: Day) => Promise<Outcome>;
  /** … or, where starting the work costs more than a day's work, in batches. */
  readonly runBatch?: {
    readonly size: number;
    readonly run: (days: readonly Day[], reportDay: ReportDay) => Promise<void>;
  };
}

export interface Job<V extends Variables> extends Program {
  readonly variables: V;
  /** With this flag the days of a range are done one after another. */
  readonly inOrderWith?: string;
  readonly validate?: Validate<V>;
  /** Everything that the job needs, for --check. */
  readonly healthChecks: (
    configuration: Configuration<V>,
    session: Session,
  ) => Promise<HealthChecks>;
  readonly open: (configuration: Configuration<V>, session: Session) => Promise<OpenJob>;
}
