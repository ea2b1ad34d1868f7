import { describe, expect, it } from 'vitest';
import { mostInASecond, splitTime, type Wait, type WaitKind } from './recording.ts';

const wait = (kind: WaitKind, from: number, until: number): Wait => ({
  ...{ kind, from, until },
  job: 'some-job',
});

const whole = { from: 10_000, until: 20_000 };
const sum = (split: ReturnType<typeof splitTime>) =>
  Object.values(split).reduce((all, one) => all + one, 0);

describe('the time of a process', () => {
  it('is its own without a wait', () => {
    expect(splitTime(whole, [])).toMatchObject({ own: 10_000, s3: 0, step: 0 });
  });

  it('counts a moment once: calls side by side, and the polls of a step', () => {
    const split = splitTime(whole, [
      wait('s3', 11_000, 13_000),
      wait('s3', 12_000, 14_000),
      wait('emr', 15_500, 15_700),
      wait('step', 15_000, 18_000),
      wait('emr', 17_900, 18_200),
    ]);
    expect(split).toMatchObject({ s3: 3_000, step: 3_000, statement: 0, emr: 200, own: 3_800 });
  });

  it('leaves out what is before its start and after its end', () => {
    const split = splitTime(whole, [
      wait('statement', 5_000, 11_000),
      wait('unnoticed', 19_000, 30_000),
      wait('s3', 1_000, 2_000),
    ]);
    expect(split).toMatchObject({ statement: 1_000, unnoticed: 1_000, s3: 0 });
    expect(sum(split)).toBe(10_000);
  });
});

it.each([
  [[], 0],
  [[0, 400, 999, 1_000, 1_001], 4],
  [[1_400, 0, 700], 2],
])('of calls at %j, at most %i are in one second', (arrivals, most) => {
  const calls = arrivals.map((arrived) => ({
    ...{ service: 's3' as const, job: 'some-job', operation: 'GET', arrived },
  }));
  expect(mostInASecond(calls)).toBe(most);
});
