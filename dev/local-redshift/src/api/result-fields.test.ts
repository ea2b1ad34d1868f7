import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalValue,
  HUGEINT,
  VARCHAR,
} from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { columnMetadata, toCsv, toField } from './result-fields.ts';

describe('toField', () => {
  it('uses the right kind of value for each type', () => {
    expect(toField(true, BOOLEAN)).toEqual({ booleanValue: true });
    expect(toField(7n, BIGINT)).toEqual({ longValue: 7 });
    expect(toField(1.5, DOUBLE)).toEqual({ doubleValue: 1.5 });
    expect(toField(7n, HUGEINT)).toEqual({ stringValue: '7' });
    expect(toField('x', VARCHAR)).toEqual({ stringValue: 'x' });
    expect(toField(null, BIGINT)).toEqual({ isNull: true });
  });

  it('keeps every digit of a decimal', () => {
    const value = new DuckDBDecimalValue(12_345_678_901_234_567_890n, 38, 5);
    expect(toField(value, DECIMAL(38, 5))).toEqual({ stringValue: '123456789012345.67890' });
    expect(columnMetadata('x', DECIMAL(38, 5))).toMatchObject({
      typeName: 'numeric',
      precision: 38,
      scale: 5,
    });
  });
});

describe('toCsv', () => {
  it.each([
    [{ stringValue: 'a,"b"' }, '"a,""b"""'],
    [{ longValue: 5 }, '5'],
    [{ isNull: true }, ''],
    [{ booleanValue: false }, 'false'],
  ] as const)('%o', (field, text) => {
    expect(toCsv(field)).toBe(text);
  });
});
