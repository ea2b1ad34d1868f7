import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it } from 'vitest';
import { holdingParquet, traceOf } from './find-customer.ts';
import { type Facts, isShown, type Run } from './list-runs.ts';

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

it('delivered reviews are shown by the loaded Parquet, but not those with rejected lines', () => {
  const ds = parseDs('2010-12-01');
  const shown = (rejected: number, more: { loaded?: string; run?: string } = {}) => {
    const upstream = [{ key: `movie_review/load/${ds}/_manifest.json`, run: 'delivered' }];
    const manifest = { run: 'cleaned', totals: { rejected }, upstream };
    const facts = {
      ledger: new Map([[ds, { reviewsRun: more.loaded ?? 'cleaned' }]]),
      cleaned: new Map([[ds, { manifest }]]),
      held: new Set(),
    };
    return isShown('movie_review/load', ds, more.run ?? 'delivered', facts as unknown as Facts);
  };
  expect(shown(0)).toBe(true);
  expect(shown(1)).toBe(false);
  expect(shown(0, { loaded: 'older' })).toBe(false);
  expect(shown(0, { run: 'replaced' })).toBe(false);
});
