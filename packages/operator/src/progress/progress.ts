/** How the progress of a run is shown: with the jobs' own logs, or as lines that are drawn again. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { JobResult, Summary } from '../run/job-process.ts';

/** Hears a job's process. */
export interface JobListener {
  /** A line of its log, in JSON. */
  readonly onLog: (line: string) => void;
  readonly onDay: (summary: Summary) => void;
}

export interface Progress {
  /** Whether it tells on a terminal how each stage ended. */
  readonly isDrawn: boolean;
  readonly logFormat: 'json' | 'pretty';
  /** Undefined where a job's log goes to stderr as it is. */
  readonly start: (job: JobName, days: readonly Ds[]) => JobListener | undefined;
  /** The job has ended after its last retry, or was not started. */
  readonly end: (job: JobName, result: JobResult | undefined) => void;
  readonly report: (line: string) => void;
  readonly close: () => void;
}

/** The jobs write their logs to stderr, and nothing is drawn. */
export const withJobLogs = (
  logFormat: Progress['logFormat'],
  report: Progress['report'],
): Progress => ({
  isDrawn: false,
  logFormat,
  start: () => undefined,
  end: () => undefined,
  report,
  close: () => undefined,
});
