/** Any description and any error that Redshift returns for a statement. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StatementError } from './data-api/request.ts';
import { statementState } from './data-api/status.ts';

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

it('no value of a row stays in the error of a statement', () => {
  const value = fc.tuple(fc.string(), fc.string()).map((around) => around.join('M4rk3d'));
  const text = fc.constantFrom(
    "ERROR: Invalid digit, Value 'x', Pos 0, Type: Integer\n  context: @\n  query: 123",
    'ERROR: duplicate key: Key (customerid)=(@) already exists',
    'ERROR: value "@" is out of range for type integer',
  );
  fc.assert(
    fc.property(value, text, (row, error) => {
      const failed = new StatementError(
        error.replace('@', () => row),
        undefined,
      );
      expect(inspect(failed)).not.toContain('M4rk3d');
    }),
  );
});
