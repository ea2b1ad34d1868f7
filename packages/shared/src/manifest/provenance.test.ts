import { describe, expect, it } from 'vitest';
import { parseDs } from '../ds.ts';
import type { Dataset } from '../keys.ts';
import { isMadeFrom, sameParameters } from './provenance.ts';
import { completeManifest, type Upstream } from './manifest.ts';
import { type Published, upstreamOf } from './manifest-store.ts';

function published(dataset: Dataset, etag: string, upstream: readonly Upstream[] = []): Published {
  const draft = {
    dataset,
    ds: parseDs('2010-12-01'),
    run: 'r1',
    job: { name: 'j', version: '1' },
    parameters: {},
    upstream,
    files: [],
    startedAt: new Date(0),
    finishedAt: new Date(0),
  };
  return { manifest: completeManifest(draft, 1), etag };
}

describe('parameters', () => {
  it('are the same whatever their order, and not when one is missing or of another type', () => {
    expect(sameParameters({ a: 1, b: 'x' }, { b: 'x', a: 1 })).toBe(true);
    expect(sameParameters({ a: 1 }, { a: 1, b: 'x' })).toBe(false);
    expect(sameParameters({ a: 1 }, { a: '1' })).toBe(false);
  });
});

describe('a result', () => {
  it('is made from one publication of its upstream, not from the next one', () => {
    const upstream = published('movie_review/load', '"e1"');
    const made = published('movie_review/stage', '"x"', [upstreamOf(upstream)]);
    expect(isMadeFrom(made, upstream)).toBe(true);
    expect(isMadeFrom(made, { ...upstream, etag: '"e2"' })).toBe(false);
    expect(isMadeFrom(made, published('user_purchase/stage', '"e1"'))).toBe(false);
    expect(isMadeFrom(published('movie_review/stage', '"x"'), upstream)).toBe(false);
  });
});
