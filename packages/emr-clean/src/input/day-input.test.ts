import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../test/day-fixture.ts';
import { dayInput } from './day-input.ts';

const ds = parseDs('2010-12-01');
const script = `scripts/${'a'.repeat(64)}/random_text_classification.py`;

function staged(change: Partial<Manifest> = {}): Manifest {
  const run = change.run ?? 'staged-1';
  const file = {
    key: `movie_review/load/${ds}/${run}/movie.csv`,
    bytes: 40,
    rows: 2,
    sha256: 'b'.repeat(64),
  };
  return {
    version: 1,
    dataset: 'movie_review/load',
    ds,
    run,
    generation: 1,
    job: { name: 'stage-reviews', version: '0.1.0' },
    parameters: { script },
    upstream: [],
    files: [file],
    totals: { files: 1, bytes: 40, rows: 2, rejected: 0 },
    rejected: {},
    startedAt: '2010-12-02T00:00:00.000Z',
    finishedAt: '2010-12-02T00:00:01.000Z',
    ...change,
  };
}

const read = (manifest: Manifest) =>
  dayInput(
    { ds, run: 'r1', log: silentLog, record: new DayNotes() },
    { manifest, etag: '"e"' },
    undefined,
    0.01,
  );

describe('dayInput', () => {
  it('takes the file, its hash and the script from the manifest of the staged reviews', () => {
    expect(read(staged())).toMatchObject({
      loadRun: 'staged-1',
      content: 'b'.repeat(64),
      rows: 2,
      parameters: { script, maxRejectedReviews: 0.01 },
    });
  });

  it.each<readonly [string, Partial<Manifest>]>([
    ['no file', { files: [] }],
    ['another file', { files: [{ ...staged().files[0], key: 'other.csv', bytes: 1, rows: 0 }] }],
    ['no script', { parameters: {} }],
    ['a script outside scripts/', { parameters: { script: 'other.py' } }],
  ])('fails on a manifest with %s', (_, change) => {
    expect(() => read(staged(change))).toThrow(Failure);
  });

  it('fails on a file without a SHA-256', () => {
    const { key, bytes, rows } = staged().files[0] ?? { key: '', bytes: 0, rows: 0 };
    const files = [{ key, bytes, rows, crc32: '00000000', rowHash: '0'.repeat(16) }];
    expect(() => read(staged({ files }))).toThrow(/SHA-256/);
  });
});
