/** Guards of what a job says: its lines and its exit code. */
import type { Mutation } from '../mutation.ts';

export const reporting: readonly Mutation[] = [
  {
    guard: 'a report that is lost ends no work',
    file: 'packages/shared/src/runner/report-writer.ts',
    find: "    stream.on?.('error', this.#lose);\n",
    replace: '',
    caughtBy: 'packages/shared/src/runner/report-writer.test.ts',
  },
  {
    guard: 'the exit code tells of a lost report',
    file: 'packages/shared/src/runner/report-writer.ts',
    find: 'exit === 0 && lost !== undefined ? lost.exit : exit',
    replace: 'lost === undefined ? exit : exit',
    caughtBy: 'packages/shared/src/runner/run-job-start-and-stop.test.ts',
  },
  {
    guard: 'a line is written whole, also on a nearly full disk',
    file: 'packages/shared/src/runner/report-writer.ts',
    find: 'while (rest.length > 0) rest',
    replace: 'rest',
    caughtBy: 'packages/shared/src/runner/report-writer.test.ts',
  },
];
