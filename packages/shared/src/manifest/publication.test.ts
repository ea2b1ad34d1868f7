import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { parseDs } from '../ds.ts';
import { completeManifest } from './manifest.ts';
import { alreadyPublished, describePublication, publicationFacts } from './publication.ts';

const published = {
  etag: '"e"',
  manifest: completeManifest(
    {
      dataset: 'user_purchase/stage',
      ds: parseDs('2010-12-01'),
      run: 'one',
      job: { name: 'extract-purchases', version: '1' },
      parameters: { minQuantity: 2, other: 'x' },
      upstream: [],
      files: [{ key: 'k', bytes: 10, rows: 3, sha256: 'a'.repeat(64) }],
      rejected: { short: 4 },
      startedAt: new Date(0),
      finishedAt: new Date(0),
    },
    7,
  ),
};

describe('a run that finds the day published', () => {
  it('is done when it is this very run', () => {
    expect(alreadyPublished(published, 'one', { other: 'x', minQuantity: 2 })).toBe(true);
  });

  it('goes on when nothing, or another run, was published', () => {
    expect(alreadyPublished(undefined, 'one', {})).toBe(false);
    expect(alreadyPublished(published, 'two', { minQuantity: 2 })).toBe(false);
  });

  it('may not take the name of a run that other parameters made', async () => {
    const failure = await failureOf(() => alreadyPublished(published, 'one', { minQuantity: 5 }));
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain('run one of 2010-12-01 is published already');
    expect(failure.action).toContain('--run-id');
  });
});

describe('the summary of a publication', () => {
  it('holds the facts of the manifest that stands', () => {
    expect(publicationFacts(published)).toEqual({
      publishedRun: 'one',
      generation: 7,
      rows: 3,
      rejected: 4,
      bytes: 10,
    });
  });

  it('is one sentence', () => {
    expect(describePublication('published', 'purchases', 1450)).toBe('1450 purchases: published');
    expect(describePublication('unchanged', 'purchases', 0)).toBe(
      'no purchases that day: nothing has changed since it was published',
    );
    expect(describePublication('superseded', 'purchases', 2)).toContain('its result stands');
  });
});
