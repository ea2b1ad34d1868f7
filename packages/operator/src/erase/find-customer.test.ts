import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { holdingParquet, requireTables, traceOf } from './find-customer.ts';
import { type Run, runsOf } from './list-runs.ts';

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

it('a table that nobody sees is refused if it ought to show a run', () => {
  const shown = run('user_purchase/stage', 'r', { isShown: true });
  const missing = ['spectrum.user_purchase_staging'];
  expect(() => {
    requireTables(missing, [again, shown]);
  }).toThrow('does not see spectrum.user_purchase_staging');
  requireTables([], [shown]);
  requireTables(missing, [again]);
});

describe('a run in the bucket', () => {
  type Listing = Parameters<typeof runsOf>;
  const ds = parseDs('2010-12-01');
  const upstream = [{ key: `movie_review/load/${ds}/_manifest.json`, run: 'one' }];
  /** The published run is `one`, and the loaded one `loaded`; `holder` holds the day. */
  const listed = (
    folder: Run['folder'],
    name: string,
    { rejected = 0, loaded = 'one', holder = '' } = {},
  ) => {
    const published = new Map([[ds, { manifest: { run: 'one', totals: { rejected }, upstream } }]]);
    const facts = {
      ledger: new Map([[ds, { purchasesRun: loaded, reviewsRun: loaded }]]),
      cleaned: published,
      held: new Map([[ds, holder]]),
    } as unknown as Listing[2];
    const inventory = new Map([[ds, { runs: new Map([[name, []]]) }]]);
    return runsOf(folder, { inventory, published } as unknown as Listing[1], facts)[0];
  };

  it('is shown, if it is of delivered reviews, by the loaded Parquet, but not with rejected lines', () => {
    const folder = 'movie_review/load';
    expect(listed(folder, 'one')).toMatchObject({ isShown: true });
    expect(listed(folder, 'one', { rejected: 1 })).toMatchObject({ isShown: false });
    expect(listed(folder, 'one', { loaded: 'older' })).toMatchObject({ isShown: false });
    expect(listed(folder, 'two')).toMatchObject({ isShown: false });
  });

  it('is not shown, if it is of purchases, when another one is published or loaded', () => {
    const folder = 'user_purchase/stage';
    expect(listed(folder, 'one')).toMatchObject({ isShown: true });
    expect(listed(folder, 'one', { loaded: 'older' })).toMatchObject({ isShown: false });
    expect(listed(folder, 'older', { loaded: 'older' })).toMatchObject({ isShown: false });
  });

  it('is held by itself alone: another run of a held day is replaced Parquet', () => {
    const folder = 'movie_review/stage';
    expect(listed(folder, 'two', { holder: 'two' })).toMatchObject({ isHeld: true });
    expect(listed(folder, 'two', { holder: 'three' })).toMatchObject({ isHeld: false });
  });
});
