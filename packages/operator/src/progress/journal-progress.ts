/** Writes the progress of a run into the journal of its command as well. */
import { parseDs } from '@user-behaviour/shared/ds';
import { withoutValues } from '@user-behaviour/shared/redaction/without-values';
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

/** Neither the logs nor the messages that they repeat have values of rows, except perhaps those of an unexpected error. */
const told = ({ job, ds, run, status, exit, kind, message, ...facts }: Summary) => ({
  job,
  ds: parseDs(ds),
  run,
  status,
  exit,
  message: kind === 'bug' && message !== undefined ? withoutValues(message) : message,
  ...(typeof facts['startedAt'] === 'string' && { startedAt: facts['startedAt'] }),
  ...(typeof facts['rows'] === 'number' && { rows: facts['rows'] }),
  ...(typeof facts['action'] === 'string' && { action: facts['action'] }),
});
