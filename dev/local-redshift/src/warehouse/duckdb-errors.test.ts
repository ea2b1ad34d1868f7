import { describe, expect, it } from 'vitest';
import { toWarehouseError } from './duckdb-errors.ts';
import { WarehouseError } from './warehouse-error.ts';

describe('toWarehouseError', () => {
  it.each([
    ['Invalid Input Error: rs:divide-by-zero', 'ERROR: Divide by zero'],
    [
      'Invalid Input Error: rs:invalid-digit:Integer:12x',
      "ERROR: Invalid digit, Value 'x', Pos 2, Type: Integer",
    ],
    [
      'Conversion Error: Could not convert string "a" to DECIMAL(8,3)',
      "ERROR: Invalid digit, Value 'a', Pos 0, Type: Decimal",
    ],
    ["Conversion Error: Could not convert string '300000000000' to INT32", 'ERROR: Overflow'],
    [
      'Catalog Error: Table with name nope does not exist!',
      'ERROR: relation "nope" does not exist',
    ],
    ['Catalog Error: Table with name "t" already exists!', 'ERROR: Relation "t" already exists'],
    [
      'Binder Error: Referenced column "x" not found in FROM clause!',
      'ERROR: column "x" does not exist',
    ],
    [
      'Constraint Error: NOT NULL constraint failed: t.a',
      'ERROR: Cannot insert a NULL value into column a',
    ],
    [
      'Conversion Error: date field value out of range: "2020-02-30"',
      'ERROR: date/time field value out of range: "2020-02-30"',
    ],
    [
      'Parser Error: syntax error at or near "selec"\n\nLINE 1: selec',
      'ERROR: syntax error at or near "selec"',
    ],
  ])('%s', (duckdb, redshift) => {
    expect(toWarehouseError(new Error(duckdb)).text.split('\n')[0]).toBe(redshift);
  });

  it('reports a conflict with the code on which callers retry', () => {
    const conflict = new Error(
      'TransactionContext Error: Failed to commit: Transaction conflict: cannot update',
    );
    expect(toWarehouseError(conflict).text).toBe(
      'ERROR: 1023\n  Detail: Serializable isolation violation on table, transactions forming the cycle are: local',
    );
  });

  it.each([
    [
      'Invalid Input Error: rs:scan:Invalid value:file:s3://b/a.csv',
      'Invalid value, File name: s3://b/a.csv',
    ],
    [
      'Invalid Input Error: Invalid string encoding found in Parquet file "/c/x": value "\\xF3" is not valid UTF8!',
      'The data contains an invalid UTF-8 character',
    ],
  ])('reports %s as a scan error of Spectrum', (duckdb, context) => {
    const { text } = toWarehouseError(new Error(duckdb));
    expect(text).toMatch(/^ERROR: Spectrum Scan Error\n/);
    expect(text).toMatch(/code: {6}15007\n/);
    expect(text).toContain(`context:   ${context}\n`);
  });

  it('reports the text that could not be cast as context', () => {
    const error = toWarehouseError(
      new Error('Invalid Input Error: rs:invalid-digit:Integer:rows differ'),
    );
    expect(error.text).toMatch(/code: {6}1207\n {2}context: {3}rows differ/);
  });

  it('keeps the first line of unknown errors, and its own errors unchanged', () => {
    expect(toWarehouseError(new Error('Odd Error: x\nmore')).text).toBe('ERROR: Odd Error: x');
    const own = new WarehouseError('a', 'b');
    expect(toWarehouseError(own)).toBe(own);
  });
});
