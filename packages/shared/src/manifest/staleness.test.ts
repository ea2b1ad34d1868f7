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

describe('sameParameters', () => {
  it('ignores the order, but not a missing parameter or another type', () => {
    expect(sameParameters({ a: 1, b: 'x' }, { b: 'x', a: 1 })).toBe(true);
    expect(sameParameters({ a: 1 }, { a: 1, b: 'x' })).toBe(false);
    expect(sameParameters({ a: 1 }, { a: '1' })).toBe(false);
  });
});

describe('whyStale', () => {
  const ledger = [purchases, reviews].map((upstream) => {
    const { key, run } = upstreamOf(upstream);
    return { key, run };
  });

  it.each<[string, Parameters<typeof whyStale>, string | undefined]>([
    ['a missing result', [undefined, { upstream: [] }], 'missing'],
    [
      'damage before any other reason',
      [{ upstream: [], damage: 'files are gone' }, { upstream: [purchases] }],
      'damaged: files are gone',
    ],
    [
      'a partial day before a changed parameter',
      [
        { upstream: [], isPartial: true, parameters: { a: 1 } },
        { upstream: [], parameters: { a: 2 } },
      ],
      'partial day',
    ],
    [
      'no reason if the result was made from the published upstream',
      [{ upstream: [upstreamOf(purchases)] }, { upstream: [purchases] }],
      undefined,
    ],
    [
      'the same run, published again',
      [
        { upstream: [upstreamOf(purchases)] },
        { upstream: [published('user_purchase/stage', 'p1', '"later"')] },
      ],
      'upstream changed',
    ],
    [
      'another run, if the ledger records only runs',
      [
        { upstream: ledger },
        { upstream: [published('user_purchase/stage', 'p2', '"p1"'), reviews] },
      ],
      'upstream changed',
    ],
    [
      'no reason if the result was made from both upstreams',
      [{ upstream: ledger }, { upstream: [purchases, reviews] }],
      undefined,
    ],
    [
      'one of two upstreams missing in the result',
      [{ upstream: ledger.slice(1) }, { upstream: [purchases, reviews] }],
      'upstream changed',
    ],
    [
      'an upstream that is gone',
      [{ upstream: ledger }, { upstream: [undefined, reviews] }],
      'upstream changed',
    ],
    [
      'another dataset with the same run name',
      [{ upstream: [upstreamOf(published('movie_review/load', 'r1'))] }, { upstream: [reviews] }],
      'upstream changed',
    ],
    [
      'every changed parameter',
      [
        { upstream: [], parameters: { minQuantity: 2, old: true } },
        { upstream: [], parameters: { minQuantity: 5, format: 'csv' } },
      ],
      'parameters changed: minQuantity 2 → 5, old true → unset, format unset → csv',
    ],
    [
      'no reason for other limits of rejected rows where nothing was rejected',
      [
        { upstream: [], rejected: {}, parameters: { minQuantity: 2 } },
        { upstream: [], parameters: { minQuantity: 2, badPurchases: 'quarantine' } },
      ],
      undefined,
    ],
    [
      'other limits of rejected rows where some were rejected',
      [
        { upstream: [], rejected: { nan: 1 }, parameters: { badPurchases: 'quarantine' } },
        { upstream: [], parameters: {} },
      ],
      'parameters changed: badPurchases quarantine → unset',
    ],
    [
      'a changed script before other parameters',
      [
        { upstream: [], parameters: { script: 'a', limit: 1 } },
        { upstream: [], parameters: { script: 'b', limit: 2 } },
      ],
      'script changed',
    ],
    [
      'a load with other SQL',
      [
        { upstream: [], parameters: { loadSql: 'a' } },
        { upstream: [], parameters: { loadSql: 'b' } },
      ],
      'other SQL',
    ],
    [
      'no reason if nobody has recorded the settings',
      [{ upstream: [] }, { upstream: [], parameters: { loadSql: 'b' } }],
      undefined,
    ],
    [
      'no reason for a stage that records no settings',
      [{ upstream: [], parameters: { minQuantity: 2 } }, { upstream: [] }],
      undefined,
    ],
  ])('reports %s', (_, given, expected) => {
    expect(whyStale(...given)).toBe(expected);
  });
});
