import { describe, expect, it } from 'vitest';
import { parseDs } from '../ds.ts';
import type { Dataset } from '../pipeline.ts';
import { partialUntil, whyNotOver } from './partial-day.ts';

const ds = parseDs('2010-12-01');

describe('a day', () => {
  it.each<[string, Dataset, string, string | undefined, string | undefined]>([
    ['after its end', 'user_purchase/stage', '2010-12-02T00:00:00Z', undefined, undefined],
    [
      'before its end',
      'user_purchase/stage',
      '2010-12-01T23:59:59.999Z',
      undefined,
      '2010-12-01T23:59:59.999Z',
    ],
    [
      'before its end by the clock of S3',
      'user_purchase/stage',
      '2010-12-02T00:15:00Z',
      '2010-12-01T23:50:00.000Z',
      '2010-12-01T23:50:00.000Z',
    ],
    [
      'before its beginning',
      'user_purchase/stage',
      '2010-11-30T10:00:00.000Z',
      undefined,
      '2010-11-30T10:00:00.000Z',
    ],
    ['early, as a file', 'movie_review/load', '2010-12-01T10:00:00Z', undefined, undefined],
    ['early, from a dataset', 'movie_review/stage', '2010-12-01T10:00:00Z', undefined, undefined],
  ])('that was read %s', (_, dataset, startedAt, completeUntil, expected) => {
    expect(partialUntil({ dataset, ds, startedAt, completeUntil })?.toISOString()).toBe(expected);
  });

  it.each([
    ['2010-11-30T23:59:59.999Z', 'the day has not begun'],
    ['2010-12-01T00:00:00Z', 'the day is not over'],
    ['2010-12-01T23:59:59.999Z', 'the day is not over'],
    ['2010-12-02T00:00:00Z', undefined],
  ])('at %s: %s', (now, expected) => {
    expect(whyNotOver(ds, new Date(now))).toBe(expected);
  });
});
