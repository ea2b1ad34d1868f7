import { describe, expect, it, vi } from 'vitest';
import { daysFrom, type Ds, parseDs } from '@user-behaviour/shared/ds';
import type { Summary } from '../run/job-process.ts';
import { endedLines, runningLine, type StageState } from './stage-lines.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const days = daysFrom(parseDs('2010-12-01'), parseDs('2010-12-05'));
const [first] = days as [Ds];

const summary = (ds: string, more: Partial<Summary> = {}): Summary => ({
  job: 'emr-clean',
  ds,
  run: 'r',
  status: 'published',
  exit: 0,
  rows: 259,
  ...more,
});
const failed = (ds: string, message: string): Summary =>
  summary(ds, { status: 'failed', exit: 65, message, action: 'correct the file' });

const state = (reported: readonly Summary[], more: Partial<StageState> = {}): StageState => ({
  job: 'emr-clean',
  days: [first],
  reported: new Map(reported.map((day) => [day.ds, day])),
  doing: 'cleaning the reviews',
  warnings: 0,
  elapsed: 7_400,
  ...more,
});
const log = { path: '.local/logs/emr-clean.log', last: ['line 1', 'line 2'] };
const ended = (of: StageState, isWhole = true, columns = 100) =>
  endedLines(of, isWhole, log, columns);

describe('a stage that runs', () => {
  it('has a line with its number, its day, what it is doing and the time', () => {
    expect(runningLine(state([]), 100)).toBe(
      '[3/4] emr-clean  2010-12-01  cleaning the reviews  7 s',
    );
  });

  it('counts the days of a range, and those that failed', () => {
    const reported = [summary('2010-12-01'), failed('2010-12-02', 'no')];
    expect(runningLine(state(reported, { days }), 100)).toBe(
      '[3/4] emr-clean  2/5 days  1 failed  cleaning the reviews  7 s',
    );
  });

  it('keeps the time where the terminal is narrow', () => {
    expect(runningLine(state([], { doing: 'x'.repeat(200) }), 60)).toMatch(/^.{50,54}…  7 s$/);
    expect(runningLine(state([]), 30)).toBe('[3/4] emr-clean  2010-12-01  7 s');
  });
});

describe('a stage that has ended', () => {
  it('has a line with its rows', () => {
    expect(ended(state([summary('2010-12-01')]))).toEqual([
      '✓ emr-clean          2010-12-01  259 cleaned reviews  7.4 s',
    ]);
  });

  it('counts its warnings', () => {
    const [line] = ended(state([summary('2010-12-01')], { warnings: 2 }));
    expect(line).toMatch(/ 7\.4 s {2}2 warnings in its log$/);
  });

  it('is marked where nothing was to do', () => {
    const unchanged = summary('2010-12-01', { status: 'unchanged' });
    expect(ended(state([unchanged]))).toEqual([
      '— emr-clean          2010-12-01  259 cleaned reviews  unchanged  7.4 s',
    ]);
  });

  it('tells of a failed day why, what to do, and where its log is', () => {
    expect(ended(state([failed('2010-12-01', 'the file is empty')]), false)).toEqual([
      '✗ emr-clean          2010-12-01  failed  7.4 s',
      '  the file is empty',
      '  correct the file',
      '  its log is in .local/logs/emr-clean.log',
    ]);
  });

  it('tells of a range each cause once, with its days as ranges', () => {
    const reported = [
      ...days.slice(0, 3).map((ds) => failed(ds, `no file for ${ds}`)),
      summary('2010-12-04', { status: 'unchanged' }),
      failed('2010-12-05', 'other'),
    ];
    expect(ended(state(reported, { days }), false).slice(0, 4)).toEqual([
      '✗ emr-clean          5 days: 1 unchanged, 4 failed  7.4 s',
      '  2010-12-01 to 2010-12-03: no file for the day',
      '  correct the file',
      '  2010-12-05: other',
    ]);
  });

  it('tells of at most three causes', () => {
    const reported = days.map((ds, index) => failed(ds, `cause ${String(index)}`));
    expect(ended(state(reported, { days }), false)).toContain('  and 2 other failures');
  });

  it('shows the end of the log of a process that reported nothing', () => {
    expect(ended(state([]), false)).toEqual([
      '✗ emr-clean          2010-12-01  ended without a result  7.4 s',
      '  line 1',
      '  line 2',
      '  its log is in .local/logs/emr-clean.log',
    ]);
    expect(ended(state([summary('2010-12-01')], { days }), true)[0]).toContain(
      '✗ emr-clean          5 days: 4 without a result',
    );
  });

  it('is never wider than the terminal', () => {
    const lines = ended(state([failed('2010-12-01', 'word '.repeat(50))]), false, 60);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(60);
    expect(lines.length).toBeGreaterThan(5);
  });
});
