import { StatementError, StatementTimeout } from '@user-behaviour/redshift-load/data-api/request';
import { expect, it } from 'vitest';
import { queryFailure } from './warehouse-query.ts';

it('a query that takes too long fails with its limit and advice for an operator', () => {
  const failure = queryFailure(new StatementTimeout('operator/query', 600_000));
  expect(failure).toMatchObject({
    kind: 'transient',
    message: 'operator/query did not end within 10 min and was cancelled',
  });
  const { action } = failure as { action: string };
  expect(action).toContain('simplify the query');
  expect(action).toContain('query editor');
  expect(action).not.toContain('REDSHIFT_STATEMENT_TIMEOUT');
});

it('a failed query is wrong data unless a rerun may help, and any other error stays as it is', () => {
  const failed = queryFailure(new StatementError('relation "x" does not exist', undefined));
  expect(failed).toMatchObject({ kind: 'data', action: 'correct the statement' });
  const busy = queryFailure(new StatementError('deadlock detected', undefined));
  expect(busy).toMatchObject({ kind: 'transient', message: 'deadlock detected' });
  const other = new Error('other');
  expect(queryFailure(other)).toBe(other);
});
