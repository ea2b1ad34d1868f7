/** Fuzzes the parsers of outside data: every input is either understood or rejected with the right failure. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { awsFailure } from './s3/aws-errors.ts';
import { isDs, parseDs } from './ds.ts';
import { Failure, failureKinds } from './failure.ts';
import { parseManifest } from './manifest/manifest.ts';
import { parseRunId } from './runner/run-id.ts';
import { parseDuration } from './waiting.ts';

/** Any JSON, often with the fields of a manifest. */
const manifestLike = fc
  .record(
    {
      version: fc.oneof(fc.constant(1), fc.jsonValue()),
      dataset: fc.oneof(fc.constant('user_purchase/stage'), fc.jsonValue()),
      ds: fc.oneof(fc.constant('2010-12-01'), fc.string()),
      run: fc.jsonValue(),
      generation: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
      files: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
      totals: fc.jsonValue(),
    },
    { requiredKeys: ['version'] },
  )
  .map((value) => JSON.stringify(value));

function parsedOrRejected<T>(call: () => T, understood: (value: T) => void, kind: string): void {
  try {
    understood(call());
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).kind).toBe(kind);
  }
}

it('a manifest is parsed completely or rejected as wrong data', () => {
  const texts = fc.oneof(fc.string(), fc.json(), manifestLike);
  fc.assert(
    fc.property(texts, (text) => {
      parsedOrRejected(
        () => parseManifest(text, 's3://b/user_purchase/stage/2010-12-01/_manifest.json'),
        (manifest) => {
          expect(manifest.version).toBe(1);
          expect(isDs(manifest.ds)).toBe(true);
        },
        'data',
      );
    }),
    { numRuns: 200 },
  );
});

it('an accepted run id or day is safe in keys, paths and statements', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...Array.from(`aZ09-_./'"; $\n`)), maxLength: 20 }),
  );
  fc.assert(
    fc.property(odd, (text) => {
      parsedOrRejected(
        () => parseRunId(text),
        (run) => {
          expect(run).toMatch(/^[A-Za-z0-9-]+$/);
        },
        'usage',
      );
      parsedOrRejected(
        () => parseDs(text),
        (ds) => {
          expect(ds).toMatch(/^\d{4}-\d\d-\d\d$/);
        },
        'usage',
      );
      const duration = parseDuration(text);
      expect(duration === undefined || duration >= 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it('any error of a service becomes a failure of a known kind', () => {
  const errors = fc.oneof(
    fc.anything(),
    fc.record({ name: fc.string(), message: fc.string(), code: fc.string() }, { requiredKeys: [] }),
  );
  fc.assert(
    fc.property(errors, (error) => {
      expect(failureKinds).toHaveProperty(awsFailure('do it', error).kind);
    }),
    { numRuns: 200 },
  );
});
