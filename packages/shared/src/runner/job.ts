/** The interface between the runner and a job. */
import type { Configuration, ConfigurationOf, Validate, Variables } from './config.ts';
import type { HealthChecks } from './health-checks.ts';
import type { CommandLine } from './command-line.ts';
import type { Notes, RecordSink } from './day-record.ts';
import type { Ds } from '../ds.ts';
import type { Log } from './log.ts';
import type { Program } from './options.ts';

/** One attempt at one day. */
export interface Day {
  readonly ds: Ds;
  readonly run: string;
  readonly log: Log;
  /** What the record of the run keeps of this day besides its outcome. */
  readonly record: Notes;
}

/** The result of a day. The summary line contains all of its facts. */
export interface Outcome {
  readonly status: 'published' | 'loaded' | 'unchanged' | 'superseded' | 'planned' | 'looked';
  readonly [fact: string]: unknown;
}

export interface Session extends Pick<
  CommandLine,
  'parallel' | 'wait' | 'dryRun' | 'force' | 'flags'
> {
  /** The value of --run-id: an earlier attempt may have had the same, unlike a generated one. */
  readonly runId?: string | undefined;
  readonly log: Log;
  /** SIGTERM and SIGINT abort it with a failure of kind interrupted. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly job: { readonly name: string; readonly version: string };
}

/** Reports the outcome of a day in a batch, or the error that ended it. */
export type ReportDay = (ds: Ds, result: Outcome | { readonly error: unknown }) => void;

export interface OpenJob extends AsyncDisposable {
  /** Processes a single day. The runner calls it for up to `--parallel` days at a time. */
  readonly runDay?: (day: Day) => Promise<Outcome>;
  /** Processes a batch of days instead, if starting the work costs more than a day's work. */
  readonly runBatch?: {
    readonly size: number;
    readonly run: (days: readonly Day[], reportDay: ReportDay) => Promise<void>;
  };
  /**
   * For --look-back, after the days of the command line: which of these earlier, neighbouring days, and of the days before
   * them that capture-purchases has seen touched, no longer match what was made of them. The runner processes them, too; bad data of one
   * of them does not decide the exit code.
   */
  readonly behind?: (days: readonly Day[]) => Promise<readonly Ds[]>;
  /** Where the record of the run is kept. A dry run keeps none, nor does a job without it, which only looks. */
  readonly runRecord?: RecordSink;
  /** Closes what only the days needed. The runner calls it while it sends the records. */
  readonly afterDays?: () => Promise<void>;
}

export interface Job<V extends Variables> extends Program {
  readonly variables: V;
  /** The flag that makes the runner process the days of a range in order, one at a time. */
  readonly inOrderWith?: string;
  readonly validate?: Validate<V>;
  /** The statement of the warehouse that makes the rows; events of lineage show it. */
  readonly sql?: () => Promise<string>;
  /** The checks of everything that the job needs, for --check. */
  readonly healthChecks: (
    configuration: Configuration<V>,
    session: Session,
  ) => Promise<HealthChecks>;
  /** `configurationOf` has what the rules set for a day; `configuration` does not. */
  readonly open: (
    configuration: Configuration<V>,
    session: Session,
    configurationOf: ConfigurationOf<V>,
  ) => Promise<OpenJob>;
}
