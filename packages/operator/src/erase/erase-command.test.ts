import { describe, expect, it } from 'vitest';
import { jobsToLeave } from './erase-command.ts';

describe('an erasure', () => {
  it.each([
    ['of a loaded day with both', ['purchases', 'reviews', 'customers'], true, []],
    ['of purchases alone', ['purchases'], true, ['stage-reviews', 'emr-clean']],
    ['of reviews alone', ['reviews'], true, ['extract-purchases']],
    [
      'of a metric that was not loaded again',
      ['customers'],
      true,
      ['extract-purchases', 'stage-reviews', 'emr-clean'],
    ],
    [
      'of purchases that wait for their reviews',
      ['purchases'],
      false,
      ['stage-reviews', 'emr-clean', 'redshift-load'],
    ],
  ] as const)('%s runs no other jobs', (_, rows, isLoaded, left) => {
    expect(jobsToLeave(rows.map((one) => ({ rows: one, isLoaded })))).toEqual(left);
  });
});
