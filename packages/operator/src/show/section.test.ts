import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { describe, expect, it } from 'vitest';
import { type Section, sectionsOutput } from './section.ts';

const manifest = completeManifest(
  {
    dataset: 'movie_review/stage',
    ds: parseDs('2010-12-01'),
    run: 'r1',
    job: { name: 'emr-clean', version: '1.2.3' },
    parameters: { script: `scripts/${'ab'.repeat(40)}/x.py`, maxRejectedReviews: 0.01 },
    upstream: [
      { key: 'movie_review/load/2010-12-01/_manifest.json', etag: 'e', run: 'l1', generation: 3 },
    ],
    files: Array.from({ length: 12 }, (_, n) => ({
      key: `movie_review/stage/2010-12-01/r1/part-${String(n)}`,
      ...{ bytes: 10, rows: 2, sha256: '0'.repeat(64) },
    })),
    rejected: { bad_cid: 1, null_review: 0 },
    startedAt: new Date(0),
    finishedAt: new Date('2010-12-02T00:15:00Z'),
  },
  2,
);
const table = {
  columns: ['cid', 'review'],
  types: ['int4', 'varchar'],
  rows: [['7', `two\nlines\u001b[2J ${'and more '.repeat(20)}`]],
};
const reviews: Section = {
  stage: 'reviews',
  where: 'movie_review/stage',
  manifest,
  samples: [{ of: 'part-0', note: 'the first row', table }],
};
const text = (section: Section, wide = false, width?: number) =>
  sectionsOutput('2010-12-01', 'stages', [section], { wide }).text(width);
const widest = (shown: string) => Math.max(...shown.split('\n').map(({ length }) => length));

describe('a section', () => {
  it('says until when a partial day is complete', () => {
    const early = {
      ...manifest,
      dataset: 'user_purchase/stage' as const,
      completeUntil: '2010-12-01T10:15:00.000Z',
    };
    const line = 'partial     complete until 2010-12-01 10:15:00 UTC';
    expect(text({ ...reviews, manifest: early })).toContain(line);
    expect(text(reviews)).not.toContain('partial ');
  });

  it('has the facts of the manifest, with times in UTC', () => {
    const lines = text(reviews, true).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'reviews: movie_review/stage',
        'published   2010-12-02 00:15:00 UTC by emr-clean 1.2.3',
        'run         r1, generation 2',
        'rows        24, 120 bytes',
        'rejected    bad_cid 1',
        '            maxRejectedReviews 0.01',
        'made from   movie_review/load, run l1, generation 3',
        'files       s3://stages/movie_review/stage/2010-12-01/r1/',
        '            2 rows, 10 bytes: part-0',
        '            and 2 more',
        'part-0: the first row',
      ]),
    );
  });

  it('fits 100 columns, or the terminal, unless it may be wide', () => {
    expect(widest(text(reviews))).toBe(100);
    expect(widest(text(reviews, false, 80))).toBe(80);
    expect(widest(text(reviews, true, 80))).toBeGreaterThan(150);
  });

  it('shows control characters as blanks', () => {
    expect(text(reviews)).toContain('  7  two lines [2J and more');
  });

  it('says why there is nothing', () => {
    expect(text({ stage: 'reviews', where: 'x/y', note: 'not published' })).toBe(
      'reviews: x/y\n============\nnot published',
    );
  });

  it('of a failure says what to do', () => {
    const failure = new Failure('configuration', 'no such host', { action: 'correct it' });
    expect(text({ stage: 'source', where: 'cannot be read', failure })).toContain(
      'FAILED: no such host\ncorrect it',
    );
  });

  it('of one long row has a line for each column, and times with their zone', () => {
    const columns = Array.from({ length: 9 }, (_, n) => `c${String(n)}`);
    const row = { columns, types: ['timestamp'], rows: [columns.map(() => 'x')] };
    expect(text({ stage: 'ledger', where: 't', samples: [{ of: 't', table: row }] })).toMatch(
      /c0 \(UTC\) {2}x\nc1 {8}x/,
    );
  });

  it('has the same as a document', () => {
    expect(sectionsOutput('2010-12-01', 'stages', [reviews], { wide: false }).json()).toMatchObject(
      {
        ds: '2010-12-01',
        bucket: 'stages',
        stages: [
          {
            stage: 'reviews',
            where: 'movie_review/stage',
            note: null,
            failure: null,
            manifest: { run: 'r1' },
            samples: [{ of: 'part-0', columns: ['cid', 'review'], rows: [{ cid: 7 }] }],
          },
        ],
      },
    );
  });
});
