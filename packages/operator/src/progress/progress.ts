/** What hears of the progress of a run: it shows it with the jobs' logs or as lines that are drawn again, and keeps it. */
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
  /** A process of the job begins with the days: the first one, or a retry. */
  readonly start: (job: JobName, days: readonly Ds[]) => JobListener;
  /** The job will be tried again for these days after so many milliseconds. */
  readonly retry: (job: JobName, days: readonly Ds[], delay: number) => void;
  /** The job has ended after its last retry, or was not started for these days. */
  readonly end: (job: JobName, days: readonly Ds[], result: JobResult | undefined) => void;
  readonly report: (line: string) => void;
  readonly close: () => void;
}
