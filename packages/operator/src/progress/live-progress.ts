/** Draws the progress of a run on a terminal: a line for each stage that runs, and one that stays when it ends. */
import type { Ds } from '@user-behaviour/shared/ds';
import { isDone } from '@user-behaviour/shared/failure';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { Summary } from '../run/job-process.ts';
import { eventOf, type JobLog } from './job-log.ts';
import { LiveLines } from './live-lines.ts';
import type { Progress } from './progress.ts';
import { endedLines, notRunLine, runningLine } from './stage-lines.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two drawings. */
const pause = 200;

interface RunningStage {
  readonly job: JobName;
  readonly days: readonly Ds[];
  readonly since: number;
  readonly reported: Map<string, Summary>;
  doing: string;
  warnings: number;
}

/** `openLog` returns the one log of a job. */
export function liveProgress(terminal: Terminal, openLog: (job: JobName) => JobLog): Progress {
  const lines = new LiveLines(terminal);
  const running = new Map<JobName, RunningStage>();
  const stateOf = ({ since, ...stage }: RunningStage) => ({
    ...stage,
    elapsed: performance.now() - since,
  });
  const draw = () => {
    lines.draw([...running.values()].map((stage) => runningLine(stateOf(stage), terminal.columns)));
  };
  const timer = setInterval(draw, pause);
  timer.unref();
  return {
    isDrawn: true,
    start: (job, days) => {
      const log = openLog(job);
      // A retry goes on with the stage that it belongs to.
      const stage = running.get(job) ?? {
        job,
        days,
        since: performance.now(),
        reported: new Map<string, Summary>(),
        doing: 'starting',
        warnings: 0,
      };
      running.set(job, stage);
      draw();
      return {
        onLog: (line) => {
          log.add(line);
          const event = eventOf(line);
          if (event === undefined) return;
          stage.doing = event.message;
          if (event.isWarning) stage.warnings += 1;
        },
        onDay: (summary) => {
          stage.reported.set(summary.ds, summary);
        },
      };
    },
    retry: () => undefined,
    end: (job, _days, result) => {
      const stage = running.get(job);
      running.delete(job);
      draw();
      if (stage === undefined || result === undefined) {
        lines.keep([notRunLine(job)]);
        return;
      }
      lines.keep(endedLines(stateOf(stage), isDone(result.exit), openLog(job), terminal.columns));
    },
    report: (line) => {
      lines.keep(line.split('\n'));
    },
    close: () => {
      clearInterval(timer);
      running.clear();
      lines.draw([]);
    },
  };
}
