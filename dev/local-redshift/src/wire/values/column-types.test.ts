import {
  DATE,
  DECIMAL,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  HUGEINT,
  LIST,
  VARCHAR,
} from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { encodeValue, oids, resultColumn } from './column-types.ts';

describe('resultColumn', () => {
  it('has the precision and scale of a numeric', () => {
    expect(resultColumn('n', DECIMAL(10, 2))).toEqual({
      name: 'n',
      oid: oids.numeric,
      size: -1,
      modifier: 10 * 65_536 + 2 + 4,
    });
    expect(resultColumn('sum', HUGEINT).modifier).toBe(38 * 65_536 + 4);
    expect(resultColumn('d', DATE)).toMatchObject({ oid: oids.date, size: 4, modifier: -1 });
  });

  it('returns what Redshift does not have as text', () => {
    expect(resultColumn('list', LIST(VARCHAR))).toMatchObject({ oid: oids.varchar, size: -1 });
  });
});

describe('encodeValue', () => {
  it.each([
    [true, oids.bool, 't', '01'],
    [-2, oids.int2, '-2', 'fffe'],
    [5n, oids.int4, '5', '00000005'],
    [5, oids.int8, '5', '0000000000000005'],
    [1.5, oids.float4, '1.5', '3fc00000'],
    [1.5, oids.float8, '1.5', '3ff8000000000000'],
    [new DuckDBDecimalValue(150n, 5, 2), oids.numeric, '1.50', '00020000000000020001' + '1388'],
    [new DuckDBDateValue(10_956), oids.date, '1999-12-31', 'ffffffff'],
    [new DuckDBTimeValue(1_000_000n), oids.time, '00:00:01', '00000000000f4240'],
    [
      new DuckDBTimestampValue(946_684_800_500_000n),
      oids.timestamp,
      '2000-01-01 00:00:00.5',
      '000000000007a120',
    ],
    ['ä', oids.varchar, 'ä', 'c3a4'],
  ])('writes %s of type %i', (value, oid, text, binary) => {
    expect(encodeValue(value, oid, false)).toBe(text);
    expect((encodeValue(value, oid, true) as Buffer).toString('hex')).toBe(binary);
  });

  it('has no bytes for null', () => {
    expect(encodeValue(null, oids.int4, true)).toBeNull();
  });
});
