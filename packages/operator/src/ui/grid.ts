/** What the journal of a command says of each day and stage; pure. */
import { daysFrom, type Ds } from '@user-behaviour/shared/ds';
import { isDone, kindOfExit } from '@user-behaviour/shared/failure';
import { jobs, type JobName } from '@user-behaviour/shared/pipeline';
import type { JournalEvent } from '../journal/events.ts';
import type { CommandState } from '../journal/read-journals.ts';

export type CellState =
  'waiting' | 'running' | 'retrying' | 'done' | 'unchanged' | 'failed' | 'skipped' | 'interrupted';

export interface Cell {
  readonly state: CellState;
  /** 0 if no process of the job has had the day in hand. */
  readonly attempt: number;
  /** Of the last attempt; ISO 8601, UTC. */
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly rows?: number | undefined;
  readonly exit?: number | undefined;
  readonly message?: string | undefined;
  readonly action?: string | undefined;
}

export interface StageTimes {
  readonly startedAt: string;
  /** Undefined while the stage runs. */
  readonly endedAt: string | undefined;
}

export interface Grid {
  /** Ascending. */
  readonly days: readonly Ds[];
  readonly cell: (job: JobName, ds: Ds) => Cell;
  readonly stages: ReadonlyMap<JobName, StageTimes>;
}

const waiting: Cell = { state: 'waiting', attempt: 0 };
/** They stay as they are, if a retry of other days finds them unchanged. */
const settled: readonly CellState[] = ['done', 'unchanged'];
/** What a process had in hand. */
const unsettled: readonly CellState[] = ['running', 'retrying'];

export function gridOf(events: readonly JournalEvent[], command: CommandState): Grid {
  const building = new GridBuilder();
  for (const event of events) building.take(event);
  if (command !== 'running') building.close(command);
  return building;
}

class GridBuilder implements Grid {
  days: readonly Ds[] = [];
  readonly stages = new Map<JobName, StageTimes>();
  readonly #cells = new Map<string, Cell>();
  #last = '';

  cell(job: JobName, ds: Ds): Cell {
    return this.#cells.get(`${job} ${ds}`) ?? waiting;
  }

  take(event: JournalEvent): void {
    this.#last = event.at;
    if (event.event === 'command') this.days = daysOf(event.ranges);
    if (!('job' in event) || !isJob(event.job)) return;
    const { job, at } = event;
    if (event.event === 'day') {
      this.#change(job, event.ds, (cell) => reported(cell, event));
      return;
    }
    for (const ds of daysOf(event.ranges)) {
      this.#change(job, ds, (cell) => {
        if (settled.includes(cell.state)) return cell;
        if (event.event === 'start') return started(cell, at);
        if (event.event === 'retry') return retried(cell, event.seconds);
        return ended(cell, event);
      });
    }
    if (event.event === 'retry' || (event.event === 'stage-end' && event.exit === undefined))
      return;
    const startedAt = this.stages.get(job)?.startedAt ?? at;
    this.stages.set(job, { startedAt, endedAt: event.event === 'start' ? undefined : at });
  }

  /** The command has ended: what has no result will get none. */
  close(command: CommandState): void {
    for (const [job, { startedAt, endedAt = this.#last }] of this.stages) {
      this.stages.set(job, { startedAt, endedAt });
    }
    for (const job of jobs) {
      for (const ds of this.days) {
        this.#change(job, ds, (cell) => {
          if (unsettled.includes(cell.state)) return { ...cell, ...interrupted };
          if (cell.state !== 'waiting') return cell;
          const how = command === 'ended' ? 'ended' : 'was killed';
          return { ...cell, state: 'skipped', message: `not run: the command ${how} before` };
        });
      }
    }
  }

  #change(job: JobName, ds: Ds, change: (cell: Cell) => Cell): void {
    this.#cells.set(`${job} ${ds}`, change(this.cell(job, ds)));
  }
}

const interrupted = {
  state: 'interrupted',
  message: 'the command ended before the job told of this day',
  action: 'start the command again: it does what is left',
} as const;

const started = ({ attempt }: Cell, at: string): Cell => ({
  state: attempt === 0 ? 'running' : 'retrying',
  attempt: attempt + 1,
  startedAt: at,
});

const retried = (cell: Cell, seconds: number): Cell => ({
  ...cell,
  state: 'retrying',
  message: `${cell.message ?? 'the job ended before it told of this day'}; tried again after ${String(seconds)} s`,
});

function reported(cell: Cell, event: Extract<JournalEvent, { event: 'day' }>): Cell {
  const isUnchanged = event.status === 'unchanged' || event.status === 'superseded';
  if (settled.includes(cell.state) && isUnchanged) return cell;
  const { exit, rows, message, action, startedAt = cell.startedAt, at: endedAt } = event;
  const isStopped = kindOfExit(exit) === 'interrupted';
  const state =
    exit === 0 ? (isUnchanged ? 'unchanged' : 'done') : isStopped ? 'interrupted' : 'failed';
  return { state, attempt: cell.attempt, startedAt, endedAt, rows, exit, message, action };
}

function ended(cell: Cell, { at, exit }: Extract<JournalEvent, { event: 'stage-end' }>): Cell {
  if (exit === undefined) {
    const message = 'not run: what it reads was not published, or the command leaves it as it is';
    return { ...cell, state: 'skipped', message };
  }
  if (!unsettled.includes(cell.state)) return cell;
  const end = { ...cell, endedAt: at, exit };
  if (isDone(exit)) return { ...end, state: 'done', message: 'done; the report of it was lost' };
  if (kindOfExit(exit) === 'interrupted') return { ...end, ...interrupted };
  const message = `the job ended with exit ${String(exit)} before it told of this day`;
  return { ...end, state: 'failed', message };
}

const daysOf = (ranges: readonly (readonly [Ds, Ds])[]): Ds[] =>
  ranges.flatMap(([first, last]) => daysFrom(first, last));

const isJob = (name: string): name is JobName => (jobs as readonly string[]).includes(name);
