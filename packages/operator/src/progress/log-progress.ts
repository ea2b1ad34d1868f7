/** Shows the progress of a run by the logs of the jobs: lines of JSON, or what people read. */
import type { JobName } from '@user-behaviour/shared/pipeline';
import { readableLines } from '@user-behaviour/shared/runner/readable-log';
import type { JobLog } from './job-log.ts';
import type { Progress } from './progress.ts';

/** `report` writes a line; `openLog` returns the one log of a job. */
export const logProgress = (
  format: 'json' | 'pretty',
  report: Progress['report'],
  openLog: (job: JobName) => JobLog,
): Progress => ({
  isDrawn: false,
  start: (job) => {
    const log = openLog(job);
    const readable = readableLines(job);
    return {
      onLog: (line) => {
        report(format === 'json' ? line : readable(line).trimEnd());
        log.add(line);
      },
      onDay: () => undefined,
    };
  },
  retry: () => undefined,
  end: () => undefined,
  report,
  close: () => undefined,
});
