import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { statement } from './sql.ts';
import { StatementError } from './request.ts';
import { describeSqlError } from './sql-errors.ts';

const ds = parseDs('2010-12-01');
const audits = [
  ['010_moves_forward', 'a newer load exists'],
  ['020_purchases_conserved', 'purchase rows differ from the manifest'],
  ['021_purchases_of_published_run', 'purchase rows from another run, or parts of rows'],
  ['030_reviews_conserved', 'review rows differ from the manifest'],
  ['031_reviews_of_published_run', 'review rows from another run'],
  ['040_one_row_per_customer', 'a customer has more than one row'],
  ['050_amount_not_inflated', 'the amount differs from the purchases'],
] as const;

describe.each(audits)('audit %s', (file, finding) => {
  const audit = statement('audit', file);

  it.each([
    `ERROR: invalid input syntax for integer: "${finding}"`,
    `ERROR: Invalid digit, Value '${finding[0] ?? ''}', Pos 0, Type: Integer\n  code: 1207\n  context: ${finding}\n  query: 12`,
    `Conversion Error: Could not convert string '${finding}' to INT32`,
  ])('fails by its own finding: %s', (error) => {
    const failure = describeSqlError(ds, new StatementError(error, audit));
    expect(failure).toMatchObject({ kind: 'data' });
    expect((failure as Error).message).toContain(
      `audit ${audit.name} failed for ${ds}: ${finding}`,
    );
  });

  it('names the days that it found, if Redshift quotes its verdict', () => {
    const digit = `ERROR: Invalid digit, Value '${finding[0] ?? ''}', Pos 0, Type: Integer`;
    const verdict = `${finding}: 2010-12-01, 2010-12-31`;
    const quoted = new StatementError(`${digit}\n  context: ${verdict}\n  query: 12`, audit);
    expect(quoted).toMatchObject({ finding, days: new Set(['2010-12-01', '2010-12-31']) });
    expect(new StatementError(digit, audit)).toMatchObject({ finding, days: new Set() });
    const other = new StatementError('ERROR: connection lost at 2010-12-01', audit);
    expect(other.days).toEqual(new Set());
  });

  it.each([
    ['ERROR: column "x" does not exist', 'data'],
    ['ERROR: connection lost', 'transient'],
    ["ERROR: Invalid digit, Value '?', Pos 0, Type: Integer", 'data'],
  ])('that fails by %s has found nothing, and the text is kept', (error, kind) => {
    const failed = new StatementError(error, audit);
    expect(failed.finding).toBeUndefined();
    const failure = describeSqlError(ds, failed);
    expect(failure).toMatchObject({ kind });
    expect((failure as Error).message).toContain(`statement ${audit.name} failed for ${ds}: ERROR`);
  });
});

it('a statement that is no audit has no finding', () => {
  const error = "ERROR: Invalid digit, Value 'a', Pos 0, Type: Integer";
  expect(new StatementError(error, statement('load', 'previous')).finding).toBeUndefined();
});
