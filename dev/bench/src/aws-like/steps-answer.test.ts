import { expect, it } from 'vitest';
import { stepPending, stepTime } from './latencies.ts';
import { stateOnAws } from './steps-answer.ts';

/** Created at 100 s; ended locally after 2 s, if it has. */
const step = (state: string, args: readonly string[], hasEnded: boolean) => ({
  Config: { Args: args },
  Status: {
    State: state,
    Timeline: { CreationDateTime: 100, ...(hasEnded ? { EndDateTime: 102 } : {}) },
  },
});
const copy = ['s3-dist-cp', '--src', 'a'];
const end = 102_000 + stepPending + stepTime(copy);

it.each([
  ['RUNNING', false, 100_100, 'PENDING'],
  ['RUNNING', false, 100_000 + stepPending, 'RUNNING'],
  ['COMPLETED', true, 102_100, 'PENDING'],
  ['COMPLETED', true, end - 1, 'RUNNING'],
  ['FAILED', true, end - 1, 'RUNNING'],
  ['COMPLETED', true, end, 'COMPLETED'],
  ['FAILED', true, end, 'FAILED'],
  ['CANCELLED', true, 100_100, 'CANCELLED'],
])('a step that is %s here (ended: %s) is at %i ms %s on AWS', (state, hasEnded, at, expected) => {
  expect(stateOnAws(step(state, copy, hasEnded), at).state).toBe(expected);
});

it('a step takes as long as what it starts', () => {
  expect(stepTime(['spark-submit'])).toBeGreaterThan(stepTime(copy));
  expect(stepTime(copy)).toBeGreaterThan(stepTime(['hdfs', 'dfs', '-rm']));
});
