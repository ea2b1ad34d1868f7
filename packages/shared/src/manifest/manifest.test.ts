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
  it('comes back from its own text as it was written', () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 1e6 }), (draft, generation) => {
        const manifest = completeManifest(draft, generation);
        expect(parseManifest(JSON.stringify(manifest), 'k')).toEqual(manifest);
      }),
    );
  });

  it('adds up its files and its rejected rows', () => {
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

  it('of another version is refused with its key and what to do', async () => {
    const failure = await failureOf(() => parseManifest('{"version":2}', 's3://b/_manifest.json'));
    expect(failure.exit).toBe(65);
    expect(failure.message).toBe(
      's3://b/_manifest.json has manifest version 2; this release reads version 1',
    );
    expect(failure.action).toContain('newer');
  });

  it.each(['', '{', 'null', '[]', '{"version":"1"}'])('is not %j', async (text) => {
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
  ])('with a wrong %s is refused, and the field is named', async (field, value) => {
    const text = JSON.stringify({ ...completeManifest(example(), 1), [field]: value });
    const failure = await failureOf(() => parseManifest(text, 'k'));
    expect(failure.kind).toBe('data');
    expect(failure.message).toContain(field);
  });
});

describe('the same content', () => {
  const published = completeManifest(example(), 3);

  it('is recognised whatever the run, its times and its keys', () => {
    const again: Draft = {
      ...example(),
      run: 'two',
      finishedAt: new Date(),
      files: example().files.map((file) => ({ ...file, key: 'k/two/a.csv' })),
      upstream: example().upstream.map((entry) => ({ ...entry, run: 'other' })),
    };
    expect(sameContent(again, published)).toBe(true);
  });

  it('does not depend on the order of the parameters', () => {
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
  ])('is not there with another %s', (_what, change) => {
    expect(sameContent({ ...example(), ...change }, published)).toBe(false);
  });
});
