/** What is kept of one day of a run, and what a job notes while it works on the day. */
import { asFailure, type FailureKindName } from '../failure.ts';
import { withoutValues } from '../redaction/without-values.ts';
import type { Outcome } from './job.ts';

export type Facts = Readonly<Record<string, unknown>>;

/** A timed part of the work on a day, e.g. a COPY, an EMR step or a statement. */
export interface Phase {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  /** Only if the phase threw. */
  readonly failed?: true;
  /** Identifiers and counts; no values of rows. */
  readonly facts?: Facts;
}

/**
 * One line of a run record: the facts of the summary line and what the job noted. It has no values of rows.
 * A day that was not settled before its process was killed has no record.
 */
export interface DayRecord {
  readonly job: string;
  readonly version: string;
  readonly ds: string;
  readonly run: string;
  readonly status: Outcome['status'] | 'failed';
  readonly exit: number;
  /** As in the summary line: since the process began with its first day. */
  readonly seconds: number;
  /** When the work on this day, or on its batch, began; ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly parameters?: Facts;
  /** The next three only if the day failed. */
  readonly kind?: FailureKindName;
  readonly message?: string;
  readonly action?: string;
  /** The audit that failed. */
  readonly audit?: string;
  readonly traceId?: string;
  readonly phases: readonly Phase[];
  readonly [fact: string]: unknown;
}

/** Takes the records of a process after all of its days have settled. */
export interface RecordSink {
  /** For the log, if it fails. */
  readonly name: string;
  /** `signal` aborts at the time limit; the result of a later answer does not count. */
  readonly send: (records: readonly DayRecord[], signal: AbortSignal) => Promise<void>;
}

/** What a job notes on a day. Nothing of it is lost if the day fails. */
export interface Notes {
  /** Adds facts that the summary line does not have. A later value of a fact replaces an earlier one. */
  readonly note: (facts: Facts) => void;
  /**
   * Times the work, also if it throws, and returns its result. `work` may add facts that are known only later,
   * e.g. the id of a step.
   */
  readonly phase: <T>(
    name: string,
    work: (note: (facts: Facts) => void) => Promise<T>,
    facts?: Facts,
  ) => Promise<T>;
  /** Adds a phase that was timed elsewhere. */
  readonly add: (phase: Phase) => void;
}

/** Notes in memory. */
export class DayNotes implements Notes {
  readonly facts: Record<string, unknown> = {};
  readonly phases: Phase[] = [];

  readonly note = (facts: Facts): void => void Object.assign(this.facts, facts);
  readonly add = (phase: Phase): void => void this.phases.push(phase);
  readonly phase: Notes['phase'] = (name, work, facts) => timed(this.add, name, work, facts);
}

/** Notes of work that several days share: everything is noted on each of them. */
export function notesOf(days: readonly { readonly record: Notes }[]): Notes {
  const add = (phase: Phase) => {
    for (const { record } of days) record.add(phase);
  };
  return {
    note: (facts) => {
      for (const { record } of days) record.note(facts);
    },
    add,
    phase: (name, work, facts) => timed(add, name, work, facts),
  };
}

async function timed<T>(
  add: Notes['add'],
  name: string,
  work: (note: (facts: Facts) => void) => Promise<T>,
  given: Facts = {},
): Promise<T> {
  const facts: Record<string, unknown> = { ...given };
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const end = (failed: { readonly failed?: true }) => {
    const seconds = Math.round(performance.now() - start) / 1_000;
    const some = Object.keys(facts).length > 0;
    add({ name, startedAt, seconds, ...failed, ...(some && { facts }) });
  };
  try {
    const result = await work((more) => void Object.assign(facts, more));
    end({});
    return result;
  } catch (error) {
    end({ failed: true });
    throw error;
  }
}

/**
 * The message of an error as it may be kept. Jobs remove the values from the texts of the servers that they know.
 * The text of an unexpected error may be anyone's, so its values are removed here.
 */
export function messageWithoutValues(error: unknown): string {
  const { kind, message } = asFailure(error);
  return kind === 'bug' ? withoutValues(message) : message;
}
