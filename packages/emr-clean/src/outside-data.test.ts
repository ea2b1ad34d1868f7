/** Arbitrary content in place of a report or a lease, and arbitrary step states from EMR. */
import { Failure } from '@user-behaviour/shared/failure';
import { parseLease } from '@user-behaviour/shared/manifest/lease-record';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseReport } from './output/report.ts';
import { judgeStep } from './cluster/step-status.ts';

const texts = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .record(
      {
        version: fc.constantFrom(1, 2, '1'),
        ds: fc.string(),
        run: fc.string(),
        read: fc.oneof(fc.nat(), fc.jsonValue()),
        accepted: fc.oneof(fc.nat(), fc.jsonValue()),
        rejected: fc.jsonValue(),
        owner: fc.jsonValue(),
        expiresAt: fc.oneof(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['version'] },
    )
    .map((value) => JSON.stringify(value)),
);

it.each([
  ['report', parseReport],
  ['lease', parseLease],
] as const)('a %s is parsed completely or is a data failure', (_, parse) => {
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(parse(text, 's3://b/k').version).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect(error).toMatchObject({ kind: 'data' });
      }
    }),
    { numRuns: 200 },
  );
});

it('only COMPLETED is completed, and only a known live state is awaited', () => {
  const status = fc.record(
    {
      State: fc.oneof(fc.constantFrom('PENDING', 'RUNNING', 'COMPLETED', 'FAILED'), fc.string()),
      StateChangeReason: fc.record({ Message: fc.string() }, { requiredKeys: [] }),
      FailureDetails: fc.record(
        { Reason: fc.string(), Message: fc.string() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(status, fc.constantFrom('copy', 'clean'), (found, kind) => {
      const verdict = judgeStep({ kind, name: 'a step' }, found);
      if (found.State === 'COMPLETED') expect(verdict).toBe('completed');
      else if (found.State === 'PENDING' || found.State === 'RUNNING') expect(verdict).toBe('live');
      else if (found.State !== 'CANCEL_PENDING') expect(verdict).toBeInstanceOf(Failure);
    }),
    { numRuns: 200 },
  );
});
