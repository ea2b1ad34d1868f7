import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { parseDs } from '../ds.ts';
import { datasets } from '../pipeline.ts';
import { completeManifest, type Draft, parseManifest, sameContent } from './manifest.ts';

const count = fc.nat({ max: 2 ** 40 });
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const moment = fc.date({
  min: new Date('2010-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const name = fc.string({ minLength: 1 });
const drafts: fc.Arbitrary<Draft> = fc.record({
  dataset: fc.constantFrom(...datasets),
  ds: fc.constant(parseDs('2010-12-01')),
  run: name,
  job: fc.record({ name, version: name }, { noNullPrototype: true }),
  parameters: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.oneof(fc.integer(), fc.string(), fc.boolean()),
    { noNullPrototype: true },
  ),
  upstream: fc.array(
    fc.record(
      { key: name, etag: name, run: name, generation: fc.integer({ min: 1, max: 99 }) },
      { noNullPrototype: true },
    ),
  ),
  files: fc.array(
    fc.record({ key: name, bytes: count, rows: count, sha256 }, { noNullPrototype: true }),
    { maxLength: 5 },
  ),
  rejected: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.nat(), { noNullPrototype: true }),
  startedAt: moment,
  finishedAt: moment,
  completeUntil: fc.option(moment, { nil: undefined }),
});

const example = (): Draft => ({
  dataset: 'user_purchase/stage',
  ds: parseDs('2010-12-01'),
  run: 'one',
  job: { name: 'extract-purchases', version: '1' },
  parameters: { minQuantity: 2 },
  upstream: [{ key: 'k', etag: '"e"', run: 'u', generation: 1 }],
  files: [{ key: 'k/one/a.csv', bytes: 10, rows: 2, sha256: 'a'.repeat(64) }],
  startedAt: new Date('2010-12-02T00:15:00Z'),
  finishedAt: new Date('2010-12-02T00:16:00Z'),
});

describe('a manifest', () => {
  it('is parsed unchanged from its own text', () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 1e6 }), (draft, generation) => {
        const manifest = completeManifest(draft, generation);
        expect(parseManifest(JSON.stringify(manifest), 'k')).toEqual(manifest);
      }),
    );
  });

  it('adds up its files and rejected rows', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const { totals } = completeManifest(draft, 1);
        let [bytes, rows] = [0, 0];
        for (const file of draft.files) {
          bytes += file.bytes;
          rows += file.rows;
        }
        const rejected = Object.values(draft.rejected ?? {}).reduce((sum, n) => sum + n, 0);
        expect(totals).toEqual({ files: draft.files.length, bytes, rows, rejected });
      }),
    );
  });

  it('of another version is rejected with its key and advice', async () => {
    const failure = await failureOf(() => parseManifest('{"version":2}', 's3://b/_manifest.json'));
    expect(failure.exit).toBe(65);
    expect(failure.message).toBe(
      's3://b/_manifest.json has manifest version 2; this release reads version 1',
    );
    expect(failure.action).toContain('newer');
  });

  it.each(['', '{', 'null', '[]', '{"version":"1"}'])('cannot be %j', async (text) => {
    const failure = await failureOf(() => parseManifest(text, 'the key'));
    expect([failure.kind, failure.message.startsWith('the key ')]).toEqual(['data', true]);
  });

  it.each([
    ['ds', '2010-02-30'],
    ['dataset', 'elsewhere'],
    ['generation', 0],
    ['files', [{ key: 'k', bytes: -1, rows: 0, sha256: 'x' }]],
    ['unknownField', 1],
    ['startedAt', 'yesterday'],
    ['completeUntil', 'noon'],
  ])('with a wrong %s is rejected with the name of the field', async (field, value) => {
    const text = JSON.stringify({ ...completeManifest(example(), 1), [field]: value });
    const failure = await failureOf(() => parseManifest(text, 'k'));
    expect(failure.kind).toBe('data');
    expect(failure.message).toContain(field);
  });
});

describe('sameContent', () => {
  const published = completeManifest(example(), 3);

  it('ignores runs, times and keys', () => {
    const again: Draft = {
      ...example(),
      run: 'two',
      finishedAt: new Date(),
      files: example().files.map((file) => ({ ...file, key: 'k/two/a.csv' })),
      upstream: example().upstream.map((entry) => ({ ...entry, run: 'other' })),
    };
    expect(sameContent(again, published)).toBe(true);
  });

  it('is false for a day that was partial when it was published and is complete now', () => {
    const noon = new Date('2010-12-01T12:00:00Z');
    const partial = { ...example(), completeUntil: noon };
    const early = { ...example(), startedAt: noon };
    for (const before of [partial, early]) {
      expect(sameContent(example(), completeManifest(before, 1))).toBe(false);
      expect(sameContent(partial, completeManifest(before, 1)), 'still partial').toBe(true);
    }
    expect(sameContent(partial, published), 'a complete day stays').toBe(true);
  });

  it('ignores the order of the parameters', () => {
    const draft: Draft = { ...example(), parameters: { a: 1, b: 2 } };
    const other = completeManifest({ ...example(), parameters: { b: 2, a: 1 } }, 1);
    expect(sameContent(draft, other)).toBe(true);
  });

  it.each<[string, Partial<Draft>]>([
    ['parameter', { parameters: { minQuantity: 5 } }],
    ['type of a parameter', { parameters: { minQuantity: '2' } }],
    ['upstream', { upstream: [{ key: 'k', etag: '"f"', run: 'u', generation: 2 }] }],
    ['file', { files: [{ key: 'k', bytes: 10, rows: 2, sha256: 'b'.repeat(64) }] }],
    ['number of files', { files: [] }],
  ])('is false for a different %s', (_what, change) => {
    expect(sameContent({ ...example(), ...change }, published)).toBe(false);
  });
});
