/** What `day` takes and says. */
import { describe, expect, it } from 'vitest';
import { dayInput } from '../src/commands/aws-commands.ts';
import { linesOf, requireSuccess } from '../src/commands/day.ts';

const exitOf = (work: () => unknown): number => {
  try {
    work();
    return 0;
  } catch (error) {
    return (error as { exit: number }).exit;
  }
};

describe('the input', () => {
  it('is a day, or a range', () => {
    expect(dayInput({ ds: '2010-12-01', wait: '30m' })).toEqual({ ds: '2010-12-01', wait: '30m' });
    expect(dayInput({ from: '2010-12-01', to: '2010-12-05' })).toEqual({
      from: '2010-12-01',
      to: '2010-12-05',
      together: 1,
    });
  });

  it.each([
    [{}, 'expected --ds=2010-12-01, or'],
    [{ ds: '2010-12-01', to: '2010-12-02' }, 'expected --ds=2010-12-01, or'],
    [{ ds: '2010-02-30' }, '--ds must be a real day'],
    [{ ds: '2010-12-01', together: 2 }, '--together needs --from and --to'],
    [{ from: '2010-12-05', to: '2010-12-01' }, '--to=2010-12-01 is before --from=2010-12-05'],
    [{ from: '2010-01-01', to: '2010-12-31' }, 'has 365 days; expected at most 100'],
    [{ from: '2010-12-01', to: '2010-12-05', together: 0 }, '--together must be'],
  ])('is refused with 64: %j', (input, text) => {
    expect(() => dayInput(input)).toThrow(text);
    expect(exitOf(() => dayInput(input))).toBe(64);
  });

  it('may be a long range, if each task does several days', () => {
    const range = { from: '2010-01-01', to: '2010-12-31', together: 10 };
    expect(dayInput(range)).toEqual(range);
  });
});

describe('a line', () => {
  const part = { ds: '2010-12-01', through: '2010-12-01', run: 'r' };

  it('tells how the job ended, and why', () => {
    const outcomes = [
      { job: 'extract-purchases', exit: 0, tries: 1 },
      { job: 'stage-reviews', exit: 65, tries: 1, message: 'no header' },
    ];
    expect(linesOf({ ...part, outcomes })).toEqual([
      '2010-12-01  extract-purchases  done',
      '2010-12-01  stage-reviews  exit 65: no header',
    ]);
  });

  it('tells of the tries, of a missing code, and of several days', () => {
    const outcomes = [{ job: 'emr-clean', tries: 7, message: 'no capacity' }];
    expect(linesOf({ ...part, through: '2010-12-05', outcomes })).toEqual([
      '2010-12-01 to 2010-12-05  emr-clean  no exit code, 7 tries: no capacity',
    ]);
  });
});

describe('the exit code', () => {
  it.each<[Parameters<typeof requireSuccess>[0], number]>([
    [{ status: 'SUCCEEDED' }, 0],
    [{ status: 'FAILED', error: 'exit 65', cause: 'stage-reviews of 2010-12-01 …' }, 65],
    [{ status: 'FAILED', error: 'exit 70' }, 70],
    [{ status: 'FAILED', error: 'exit 74' }, 74],
    [{ status: 'FAILED', error: 'exit 137' }, 75],
    [{ status: 'FAILED', error: 'no exit code' }, 75],
    [{ status: 'FAILED', error: 'States.QueryEvaluationError' }, 70],
    [{ status: 'ABORTED' }, 143],
    [{ status: 'TIMED_OUT' }, 75],
  ])('of %j is %i', (execution, exit) => {
    expect(
      exitOf(() => {
        requireSuccess(execution);
      }),
    ).toBe(exit);
  });
});
