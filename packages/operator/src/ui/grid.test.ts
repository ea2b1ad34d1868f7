import { describe, expect, it, vi } from 'vitest';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import type { JournalEvent } from '../journal/events.ts';
import { type CellState, gridOf } from './grid.ts';
import { durationOf } from './states.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const days = daysFrom(parseDs('2010-12-01'), parseDs('2010-12-03'));
const [one, two, three] = [parseDs('2010-12-01'), parseDs('2010-12-02'), parseDs('2010-12-03')];
const at = (second: number) => new Date(Date.UTC(2026, 10, 29, 7, 0, second)).toISOString();
const ranges: [typeof one, typeof one][] = [[one, three]];
const job = 'extract-purchases';

const begin: JournalEvent = {
  event: 'command',
  at: at(0),
  pid: 1,
  command: 'backfill',
  world: 'the moon',
  ranges,
};
const start: JournalEvent = { event: 'start', at: at(1), job, ranges };
const day = (ds: typeof one, status: string, more: object = {}): JournalEvent => ({
  event: 'day',
  at: at(4),
  job,
  ds,
  run: 'r',
  status,
  exit: status === 'failed' ? 65 : 0,
  ...more,
});

const statesOf = (
  events: readonly JournalEvent[],
  command: 'running' | 'ended' | 'interrupted' = 'running',
): CellState[] => {
  const grid = gridOf([begin, ...events], command);
  return days.map((ds) => grid.cell(job, ds).state);
};

describe('a cell', () => {
  it('waits until a process has it in hand, runs until it is reported, and says how it ended', () => {
    expect(statesOf([])).toEqual(['waiting', 'waiting', 'waiting']);
    expect(statesOf([start])).toEqual(['running', 'running', 'running']);
    const reports = [day(one, 'published'), day(two, 'unchanged'), day(three, 'failed')];
    expect(statesOf([start, ...reports])).toEqual(['done', 'unchanged', 'failed']);
  });

  it('is retrying from the failure until the next result, and counts its attempts', () => {
    const failed = day(two, 'failed', { exit: 75, message: 'the source is away' });
    const retry: JournalEvent = {
      event: 'retry',
      at: at(5),
      job,
      ranges: [[two, two]],
      seconds: 5,
    };
    const first = [start, day(one, 'published'), failed, retry];
    expect(statesOf(first)).toEqual(['done', 'retrying', 'running']);
    expect(gridOf([begin, ...first], 'running').cell(job, two)).toMatchObject({
      attempt: 1,
      message: 'the source is away; tried again after 5 s',
    });
    const again: JournalEvent = { event: 'start', at: at(10), job, ranges: [[one, two]] };
    // The retry takes a range and finds the first day unchanged: it has published that day itself.
    const rest = [...first, again, day(one, 'unchanged'), day(two, 'published', { at: at(12) })];
    const grid = gridOf([begin, ...rest], 'running');
    expect(grid.cell(job, one)).toMatchObject({ state: 'done', attempt: 1 });
    expect(grid.cell(job, two)).toMatchObject({ state: 'done', attempt: 2 });
    expect(grid.cell(job, two).message).toBeUndefined();
  });

  it('takes as long as the work on the day, and a running one until now', () => {
    const grid = gridOf([begin, start, day(one, 'published', { startedAt: at(3) })], 'running');
    const now = new Date(at(31));
    expect(durationOf(grid.cell(job, one), now)).toBe('1.0 s');
    expect(durationOf(grid.cell(job, two), now)).toBe('30 s');
    expect(durationOf(grid.cell('emr-clean', two), now)).toBeUndefined();
  });

  it('fails if the job ends without a word, unless only its report was lost', () => {
    const end = (exit: number): JournalEvent => ({
      event: 'stage-end',
      at: at(9),
      job,
      ranges,
      exit,
    });
    expect(statesOf([start, day(one, 'published'), end(70)])).toEqual(['done', 'failed', 'failed']);
    expect(statesOf([start, day(one, 'published'), end(74)])).toEqual(['done', 'done', 'done']);
    expect(statesOf([start, end(143)])).toEqual(['interrupted', 'interrupted', 'interrupted']);
    const grid = gridOf([begin, start, end(70)], 'running');
    expect(grid.cell(job, one).message).toBe(
      'the job ended with exit 70 before it told of this day',
    );
    expect(grid.stages.get(job)).toEqual({ startedAt: at(1), endedAt: at(9) });
  });

  it('is skipped if the stage was not started', () => {
    const skipped: JournalEvent = { event: 'stage-end', at: at(9), job, ranges };
    expect(statesOf([skipped])).toEqual(['skipped', 'skipped', 'skipped']);
    expect(gridOf([begin, skipped], 'running').stages.has(job)).toBe(false);
  });

  it('is interrupted if the command was stopped or killed, and skipped if it had not begun', () => {
    const known = [start, day(one, 'published'), day(two, 'failed', { exit: 143 })];
    for (const command of ['ended', 'interrupted'] as const) {
      expect(statesOf(known, command)).toEqual(['done', 'interrupted', 'interrupted']);
      expect(statesOf([], command)).toEqual(['skipped', 'skipped', 'skipped']);
      const { stages } = gridOf([begin, ...known], command);
      expect(stages.get(job)).toEqual({ startedAt: at(1), endedAt: at(4) });
    }
  });

  it('of a stage that this release does not know is left out', () => {
    expect(statesOf([{ ...start, job: 'other' }])).toEqual(days.map(() => 'waiting'));
  });
});
