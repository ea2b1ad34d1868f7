/** The history of a day, as text and as a document; pure. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import type { Output } from '../output.ts';
import { type Cell, formatTable } from '../table.ts';
import { formatTime } from '../time-span.ts';

/** `records` are those of the day, newest last. */
export function runsOutput(ds: Ds, records: readonly DayRecord[]): Output {
  const runs = records.map((record, index) => ({ ...record, attempt: attemptOf(index, records) }));
  return {
    text: (width) =>
      runs.length === 0 ? `no run of ${ds} has left a record` : runsTable(runs, width),
    json: () => ({ ds, runs }),
  };
}

interface Run extends DayRecord {
  readonly attempt: number;
}

/** Counts the records of the job: each process that settled the day is an attempt. */
const attemptOf = (index: number, records: readonly DayRecord[]): number =>
  records.slice(0, index + 1).filter(({ job }) => job === records[index]?.job).length;

function runsTable(runs: readonly Run[], width: number | undefined): string {
  const columns = ['ended', 'job', 'attempt', 'run', 'state', 'exit', 'seconds', 'why', 'ids'];
  const rows = runs.map((run): Cell[] => [
    formatTime(new Date(run.finishedAt)),
    run.job,
    run.attempt,
    run.run,
    run.status,
    run.exit,
    seconds(run),
    whyOf(run),
    idsOf(run).join(' '),
  ]);
  return formatTable(columns, rows, { width, overflow: 'wrap' });
}

/** Of this day or its batch, where the summary line counts from the start of the process. */
const seconds = ({ startedAt, finishedAt }: DayRecord): number =>
  Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;

const whyOf = ({ audit, message, action, warning }: DayRecord): string | undefined => {
  const unnamed = audit !== undefined && message?.includes(audit) !== true;
  const told = [unnamed && `audit ${audit}:`, message ?? warning, action && `→ ${action}`];
  const texts = told.filter((text) => typeof text === 'string' && text !== '');
  return texts.length === 0 ? undefined : texts.join(' ');
};

/** Of the cluster, the application, the steps, the statements and the trace. */
function idsOf({ clusterId, applicationId, steps, statements, traceId }: DayRecord): string[] {
  const listed = [steps, statements].flatMap((list) =>
    Array.isArray(list) ? list.map((one: { readonly id?: unknown }) => one.id) : [],
  );
  return [clusterId, applicationId, ...listed, traceId].filter((id) => typeof id === 'string');
}
