import { describe, expect, it } from 'vitest';
import { fillPlaceholders, literal, readValue, typedNull } from './bound-values.ts';
import { oids } from './column-types.ts';
import { render, tokenize } from '../../sql/sql-tokens.ts';

const sql = (text: string, value: string | null, oid: number) =>
  render(fillPlaceholders(tokenize(text), (number) => literal(number, value, oid)));

describe('literal', () => {
  it.each([
    ['text without a type', "it's", 0, "select 'it''s'"],
    ['text that looks like a placeholder', '$1 \\ :x', oids.varchar, "select '$1 \\ :x'"],
    ['a number', '12', oids.int4, 'select 12'],
    ['a negative number, which must not become a comment', '-12.5', oids.numeric, 'select (-12.5)'],
    ['a number that is none', '1; drop', oids.int4, "select cast( '1; drop' as integer)"],
    ['a float', '1e300', oids.float8, "select cast( '1e300' as double precision)"],
    ['a date', '2020-01-01', oids.date, "select cast( '2020-01-01' as date)"],
    ['a boolean', 't', oids.bool, "select cast( 't' as boolean)"],
    ['null', null, oids.int4, 'select null'],
    ['a type that Redshift does not have', '{}', 114, "select '{}'"],
  ])('writes %s', (_, value, oid, expected) => {
    expect(sql('select $1', value, oid)).toBe(expected);
  });

  it('replaces no placeholder in a string or a comment, and needs every value', () => {
    expect(sql("select '$1' /* $1 */, $1", '5', oids.int4)).toBe("select '$1' , 5");
    expect(() => fillPlaceholders(tokenize('select $2'), () => undefined)).toThrow(
      'there is no parameter $2',
    );
  });

  it('has a null for each type', () => {
    expect(render(typedNull(oids.date))).toBe('cast(null as date)');
    expect(render(typedNull(0))).toBe('null');
  });
});

describe('readValue', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

  it.each([
    ['bool', oids.bool, '01', 'true'],
    ['int2', oids.int2, 'fffe', '-2'],
    ['int4', oids.int4, '0000 0005', '5'],
    ['int8', oids.int8, '0000 0100 0000 0000', '1099511627776'],
    ['float4', oids.float4, '3fc0 0000', '1.5'],
    ['float8', oids.float8, 'bff8 0000 0000 0000', '-1.5'],
    ['date', oids.date, '0000 1cc4', '2020-02-29'],
    ['date before 2000', oids.date, 'ffff ffff', '1999-12-31'],
    ['timestamp', oids.timestamp, '0000 0000 0007 a120', '2000-01-01 00:00:00.500000'],
    ['timestamp before 2000', oids.timestamp, 'ffff ffff ffff ffff', '1999-12-31 23:59:59.999999'],
    ['text', oids.varchar, 'c3a4', 'ä'],
  ])('reads a binary %s', (_, oid, bytes, expected) => {
    expect(readValue(hex(bytes), oid, true)).toBe(expected);
  });

  it('reads text of any type, and null', () => {
    expect(readValue(Buffer.from('12'), oids.int4, false)).toBe('12');
    expect(readValue(null, oids.int4, true)).toBeNull();
  });

  it('refuses a binary value of another type', () => {
    expect(() => readValue(hex('00'), 17, true)).toThrow('binary parameters of type 17');
  });
});
