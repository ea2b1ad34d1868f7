import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it } from 'vitest';
import { holdingParquet, traceOf } from './find-customer.ts';
import type { Run } from './list-runs.ts';

const run = (folder: Run['folder'], name: string, more: Partial<Run> = {}): Run => ({
  ...{ folder, ds: parseDs('2010-12-01'), run: name, objects: [], madeOf: undefined },
  ...{ isPublished: true, isShown: false, isHeld: false, isLoaded: false },
  ...more,
});
const delivered = run('movie_review/load', 'old', { isPublished: false });
const again = run('movie_review/load', 'new');
const cleaned = (more: Partial<Run> = {}) =>
  run('movie_review/stage', 'c', { madeOf: 'old', ...more });

it('published Parquet that no table shows holds what its reviews hold, even if these were replaced', () => {
  const parquet = cleaned();
  const runs = [delivered, again, parquet];
  expect(holdingParquet(runs, new Set([delivered]))).toEqual([parquet]);
  expect(holdingParquet(runs, new Set([again]))).toEqual([]);
  expect(holdingParquet([again, parquet], new Set())).toEqual([parquet]);
});

it('Parquet that a table shows, or that is not published, is not judged by its reviews', () => {
  for (const parquet of [cleaned({ isShown: true }), cleaned({ isPublished: false })]) {
    expect(holdingParquet([delivered, parquet], new Set([delivered]))).toEqual([]);
  }
});

it.each([
  ['user_purchase/stage', 'purchases'],
  ['user_purchase/rejects', 'purchases'],
  ['movie_review/load', 'reviews'],
  ['movie_review/stage', 'reviews'],
  ['movie_review/rejects', 'reviews'],
] as const)('a run of %s holds %s', (folder, rows) => {
  expect(traceOf(run(folder, 'r')).rows).toBe(rows);
});
