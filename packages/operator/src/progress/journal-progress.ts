/** Writes the progress of a run into the journal of its command as well. */
import { parseDs } from '@user-behaviour/shared/ds';
import { type Journal, rangesOf } from '../journal/journal.ts';
import type { Summary } from '../run/job-process.ts';
import type { Progress } from './progress.ts';

export const journalProgress = (progress: Progress, journal: Journal): Progress => ({
  ...progress,
  start: (job, days) => {
    journal.write({ event: 'start', job, ranges: rangesOf(days) });
    const listener = progress.start(job, days);
    return {
      onLog: listener.onLog,
      onDay: (summary) => {
        journal.write({ event: 'day', ...told(summary) });
        listener.onDay(summary);
      },
    };
  },
  retry: (job, days, delay) => {
    journal.write({ event: 'retry', job, ranges: rangesOf(days), seconds: delay / 1_000 });
    progress.retry(job, days, delay);
  },
  end: (job, days, result) => {
    journal.write({ event: 'stage-end', job, ranges: rangesOf(days), exit: result?.exit });
    progress.end(job, days, result);
  },
});

/** Logs have no values of rows, and neither have the messages that they repeat. */
const told = ({ job, ds, run, status, exit, message, ...facts }: Summary) => ({
  job,
  ds: parseDs(ds),
  run,
  status,
  exit,
  message,
  ...(typeof facts['startedAt'] === 'string' && { startedAt: facts['startedAt'] }),
  ...(typeof facts['rows'] === 'number' && { rows: facts['rows'] }),
  ...(typeof facts['action'] === 'string' && { action: facts['action'] }),
});
