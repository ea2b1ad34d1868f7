/** Any description and any error that Redshift returns for a statement. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { statementState, withoutValues } from './data-api/status.ts';

it('only FINISHED is finished, and an unknown status is a failure', () => {
  const known = ['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED'] as const;
  const description = fc.record(
    {
      Status: fc.oneof(fc.constantFrom(...known), fc.string()),
      Error: fc.string(),
      SubStatements: fc.array(fc.record({ Status: fc.string(), Error: fc.string() })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(description, (found) => {
      const { is } = statementState(found);
      expect(is === 'finished').toBe(found.Status === 'FINISHED');
      if (!known.some((status) => status === found.Status)) expect(is).toBe('failed');
    }),
    { numRuns: 200 },
  );
});

it('the value that a cast failed on does not stay in the error', () => {
  const value = fc.stringMatching(/^M4rk3d[\w ,.;-]{0,20}$/);
  fc.assert(
    fc.property(value, fc.constantFrom("'", '"'), (row, quote) => {
      const error = `Invalid digit, Value ${quote}${row}${quote}, Pos 0, Type: Integer\n  context: ${row}\n  query: 123`;
      expect(withoutValues(error)).not.toContain(row);
    }),
  );
});
