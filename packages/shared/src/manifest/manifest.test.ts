import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { parseDs } from '../ds.ts';
import { manifestKey, runPrefix } from '../keys.ts';
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
const run = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/);
const ds = parseDs('2010-12-01');
const anyDraft = fc.record({
  dataset: fc.constantFrom(...datasets),
  ds: fc.constant(ds),
  run,
  job: fc.record({ name, version: name }, { noNullPrototype: true }),
  parameters: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.oneof(fc.integer(), fc.string(), fc.boolean()),
    { noNullPrototype: true },
  ),
  upstream: fc.array(
    fc.record(
      { key: name, etag: name, run, generation: fc.integer({ min: 1, max: 99 }) },
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
  source: fc.option(
    fc.record(
      {
        digest: fc.record(
          { rows: count, hash: fc.stringMatching(/^(record|text):[0-9a-f]{16}$/) },
          { noNullPrototype: true },
        ),
        systemIdentifier: fc.stringMatching(/^\d{1,20}$/),
        epoch: fc.integer({ min: 1 }),
        xmin: fc.stringMatching(/^\d{1,20}$/),
        at: moment.map((at) => at.toISOString()),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    { nil: undefined },
  ),
});
/** With each file below the prefix of its run. */
const drafts = anyDraft.map((draft): Draft => {
  const prefix = runPrefix(draft.dataset, draft.ds, draft.run);
  return { ...draft, files: draft.files.map((file) => ({ ...file, key: prefix + file.key })) };
});

/** Where the example belongs. */
const own = 'user_purchase/stage/2010-12-01/_manifest.json';
const example = (): Draft => ({
  dataset: 'user_purchase/stage',
  ds,
  run: 'one',
  job: { name: 'extract-purchases', version: '1' },
  parameters: { minQuantity: 2 },
  upstream: [{ key: 'k', etag: '"e"', run: 'u', generation: 1 }],
  files: [
    { key: 'user_purchase/stage/2010-12-01/one/a.csv', bytes: 10, rows: 2, sha256: 'a'.repeat(64) },
  ],
  startedAt: new Date('2010-12-02T00:15:00Z'),
  finishedAt: new Date('2010-12-02T00:16:00Z'),
});

describe('a manifest', () => {
  it('is parsed unchanged from its own text', () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 1e6 }), (draft, generation) => {
        const manifest = completeManifest(draft, generation);
        const key = manifestKey(draft.dataset, ds);
        for (const place of [key, `s3://lake/${key}`]) {
          expect(parseManifest(JSON.stringify(manifest), place)).toEqual(manifest);
        }
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
    ['run', "o'ne"],
    ['run', '..'],
    ['upstream', [{ key: 'k', etag: '"e"', run: 'a b', generation: 1 }]],
    ['startedAt', 'yesterday'],
    ['completeUntil', 'noon'],
  ])('with a wrong %s is rejected with the name of the field', async (field, value) => {
    const text = JSON.stringify({ ...completeManifest(example(), 1), [field]: value });
    const failure = await failureOf(() => parseManifest(text, own));
    expect(failure.kind).toBe('data');
    expect(failure.message).toContain(field);
  });

  it('of a newer release of the same version is read without the fields that it added', () => {
    const known = completeManifest(example(), 1);
    const [file] = known.files;
    const [upstream] = known.upstream;
    const newer = {
      ...known,
      added: 1,
      job: { ...known.job, added: 1 },
      totals: { ...known.totals, added: 1 },
      files: [{ ...file, added: 1 }],
      upstream: [{ ...upstream, added: 1 }],
    };
    expect(parseManifest(JSON.stringify(newer), own)).toEqual(known);
  });

  it.each([
    ['another day', 'user_purchase/stage/2010-12-02/_manifest.json'],
    ['another dataset', 's3://lake/movie_review/load/2010-12-01/_manifest.json'],
    ['a longer name', `s3://lake/old_${own}`],
  ])('under the key of %s is rejected, and both are named', async (_what, key) => {
    const text = JSON.stringify(completeManifest(example(), 1));
    const failure = await failureOf(() => parseManifest(text, key));
    expect(failure.exit).toBe(65);
    expect(failure.message).toContain(`${key} holds the manifest of user_purchase/stage`);
    expect(failure.message).toContain(`belongs at ${own}`);
  });

  it.each([
    ['another run', 'user_purchase/stage/2010-12-01/two/a.csv'],
    ['another day', 'user_purchase/stage/2010-12-02/one/a.csv'],
  ])('with a file of %s is rejected, and the file is named', async (_what, key) => {
    const [file] = example().files;
    const draft: Draft = { ...example(), files: file === undefined ? [] : [{ ...file, key }] };
    const text = JSON.stringify(completeManifest(draft, 1));
    const failure = await failureOf(() => parseManifest(text, own));
    expect(failure.exit).toBe(65);
    expect(failure.message).toContain(
      `names the file ${key}; expected only files below user_purchase/stage/2010-12-01/one/`,
    );
  });
});

describe('sameContent', () => {
  const published = completeManifest(example(), 3);

  it('ignores runs, times and keys', () => {
    const again: Draft = {
      ...example(),
      run: 'two',
      finishedAt: new Date(),
      files: example().files.map((file) => ({
        ...file,
        key: 'user_purchase/stage/2010-12-01/two/a.csv',
      })),
      upstream: example().upstream.map((entry) => ({ ...entry, run: 'other' })),
    };
    expect(sameContent(again, published)).toBe(true);
  });

  it('is false for other rejected rows', () => {
    const rejected = { ...example().rejected, other: 1 };
    expect(sameContent({ ...example(), rejected }, published)).toBe(false);
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

  it('ignores the limits of rejected rows where nothing was rejected', () => {
    const quarantine = { minQuantity: 2, badPurchases: 'quarantine', maxRejectedPurchases: 0.01 };
    const clean: Draft = { ...example(), rejected: {} };
    const limited: Draft = { ...clean, parameters: quarantine };
    expect(sameContent(limited, completeManifest(clean, 1))).toBe(true);
    expect(sameContent(clean, completeManifest(limited, 1))).toBe(true);
    const some: Draft = { ...clean, rejected: { nan: 1 } };
    expect(sameContent({ ...some, parameters: quarantine }, completeManifest(some, 1))).toBe(false);
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
