import { describe, expect, it } from 'vitest';
import { parseDs } from '../ds.ts';
import type { Dataset } from '../pipeline.ts';
import { completeManifest } from './manifest.ts';
import { type Published, upstreamOf } from './manifest-store.ts';
import { sameParameters, whyStale } from './staleness.ts';

function published(dataset: Dataset, run: string, etag = `"${run}"`): Published {
  const draft = {
    dataset,
    ds: parseDs('2010-12-01'),
    run,
    job: { name: 'j', version: '1' },
    parameters: {},
    upstream: [],
    files: [],
    startedAt: new Date(0),
    finishedAt: new Date(0),
  };
  return { manifest: completeManifest(draft, 1), etag };
}

const purchases = published('user_purchase/stage', 'p1');
const reviews = published('movie_review/stage', 'r1');

describe('parameters', () => {
  it('are the same whatever their order, and not when one is missing or of another type', () => {
    expect(sameParameters({ a: 1, b: 'x' }, { b: 'x', a: 1 })).toBe(true);
    expect(sameParameters({ a: 1 }, { a: 1, b: 'x' })).toBe(false);
    expect(sameParameters({ a: 1 }, { a: '1' })).toBe(false);
  });
});

describe('a result', () => {
  const ledger = [purchases, reviews].map((upstream) => {
    const { key, run } = upstreamOf(upstream);
    return { key, run };
  });

  it.each<[string, Parameters<typeof whyStale>, string | undefined]>([
    ['that is not there', [undefined, { upstream: [] }], 'missing'],
    [
      'that is damaged, whatever else is wrong',
      [{ upstream: [], damage: 'files are gone' }, { upstream: [purchases] }],
      'damaged: files are gone',
    ],
    [
      'made from just what is published',
      [{ upstream: [upstreamOf(purchases)] }, { upstream: [purchases] }],
      undefined,
    ],
    [
      'made from the same run, published again since',
      [
        { upstream: [upstreamOf(purchases)] },
        { upstream: [published('user_purchase/stage', 'p1', '"later"')] },
      ],
      'stale upstream',
    ],
    [
      'made from another run, where only runs are recorded',
      [
        { upstream: ledger },
        { upstream: [published('user_purchase/stage', 'p2', '"p1"'), reviews] },
      ],
      'stale upstream',
    ],
    [
      'made from both upstreams',
      [{ upstream: ledger }, { upstream: [purchases, reviews] }],
      undefined,
    ],
    [
      'made from one of two upstreams',
      [{ upstream: ledger.slice(1) }, { upstream: [purchases, reviews] }],
      'stale upstream',
    ],
    [
      'whose upstream is gone',
      [{ upstream: ledger }, { upstream: [undefined, reviews] }],
      'stale upstream',
    ],
    [
      'of another dataset with the same run name',
      [{ upstream: [upstreamOf(published('movie_review/load', 'r1'))] }, { upstream: [reviews] }],
      'stale upstream',
    ],
    [
      'with other settings',
      [
        { upstream: [], parameters: { minQuantity: 2, old: true } },
        { upstream: [], parameters: { minQuantity: 5, format: 'csv' } },
      ],
      'other parameters: minQuantity 2 → 5, old true → unset, format unset → csv',
    ],
    [
      'of another script, whatever else changed',
      [
        { upstream: [], parameters: { script: 'a', limit: 1 } },
        { upstream: [], parameters: { script: 'b', limit: 2 } },
      ],
      'other script',
    ],
    [
      'of a stage that records no settings',
      [{ upstream: [], parameters: { minQuantity: 2 } }, { upstream: [] }],
      undefined,
    ],
  ])('%s', (_, given, expected) => {
    expect(whyStale(...given)).toBe(expected);
  });
});
