import { describe, expect, it } from 'vitest';
import {
  integer,
  numeric,
  type ReadValue,
  textOf,
  timestamp,
  WrongValue,
} from './purchase-values.ts';

const refusal = (read: ReadValue, field: string): string => {
  try {
    return `read as ${read(field)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(WrongValue);
    return (error as Error).message;
  }
};

describe('a whole number', () => {
  it.each([
    ['6', '6'],
    ['-6', '-6'],
    ['+6', '6'],
    [' 6 ', '6'],
    ['17850.0', '17850'],
    ['1.7850E+04', '17850'],
    ['60e-1', '6'],
    ['007', '7'],
    ['2147483647', '2147483647'],
  ])('%s is %s', (field, value) => {
    expect(integer(field)).toBe(value);
  });

  it.each([
    ['6.5', 'not a whole number'],
    ['1e-1', 'not a whole number'],
    ['2147483648', 'out of range'],
    ['1e999', 'out of range'],
    ['1,234', 'not a number'],
    ['1 234', 'not a number'],
    ['1_000', 'not a number'],
    ['0x1F', 'not a number'],
    ['NULL', 'not a number'],
    ['NaN', 'not a number'],
    ['-', 'not a number'],
    ['.', 'not a number'],
    [' ', 'not a number'],
    ['٣', 'not a number'],
  ])('%j is refused: %s', (field, why) => {
    expect(refusal(integer, field)).toContain(why);
  });
});

describe('a price', () => {
  const price = numeric(8, 3);
  it.each([
    ['2.55', '2.55'],
    ['-11062.06', '-11062.06'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['2.5500000', '2.55'],
    ['1e-3', '0.001'],
    ['2.55E+00', '2.55'],
    ['12.5e3', '12500'],
    ['0', '0'],
    ['0.00e5', '0'],
  ])('%s is %s', (field, value) => {
    expect(price(field)).toBe(value);
  });

  it.each([
    ['2.5555', 'more than 3 decimals'],
    ['1e-4', 'more than 3 decimals'],
    ['2.5500000000000003', 'more than 3 decimals'],
    ['100000', 'out of range'],
    ['1,234.50', 'not a number'],
    ['2,55', 'not a number'],
    ['£2.55', 'not a number'],
    ['Infinity', 'not a number'],
    ['2.55.', 'not a number'],
  ])('%j is refused: %s', (field, why) => {
    expect(refusal(price, field)).toContain(why);
  });
});

describe('a time', () => {
  it.each([
    ['2010-12-01 08:26:00', '2010-12-01 08:26:00'],
    ['2010-12-01T08:26', '2010-12-01 08:26:00'],
    ['2010/12/1 8:26', '2010-12-01 08:26:00'],
    ['2010-12-01', '2010-12-01 00:00:00'],
    ['12/1/2010 8:26', '2010-12-01 08:26:00'],
    ['12/1/10 8:26', '2010-12-01 08:26:00'],
    ['12/01/2010 08:26:59', '2010-12-01 08:26:59'],
    ['12/1/2010 8:26 PM', '2010-12-01 20:26:00'],
    ['12/1/2010 12:05 am', '2010-12-01 00:05:00'],
    ['2010-12-01 08:26:00.123456000', '2010-12-01 08:26:00.123456'],
    ['2010-12-01T23:30:00-05:00', '2010-12-02 04:30:00'],
    ['2010-12-01T23:30:00.5-0500', '2010-12-02 04:30:00.5'],
    ['2010-12-01 00:30:00+05:30', '2010-11-30 19:00:00'],
    ['2010-12-01T08:26:00Z', '2010-12-01 08:26:00'],
    ['2010-12-01 08:26:00 UTC', '2010-12-01 08:26:00'],
    ['2010-12-01 08:26:00+00', '2010-12-01 08:26:00'],
  ])('%s is %s in UTC', (field, value) => {
    expect(timestamp(field)).toBe(value);
  });

  it.each([
    ['13/12/2010 8:26', 'does not exist'],
    ['2010-13-01 08:26:00', 'does not exist'],
    ['2010-02-30', 'does not exist'],
    ['2010-02-30T00:00:00+02:00', 'does not exist'],
    ['1969-12-31', 'not from 1970'],
    ['2011-01-01 24:00:00', 'not a time'],
    ['2010-12-01 08:60', 'not a time'],
    ['2010-12-01 08:26:60', 'not a time'],
    ['2010-12-01 08:26:00.1234567', 'not a time'],
    ['2010-12-01 08:26:00 EST', 'not a time'],
    ['2010-12-01 08:26:00 Europe/London', 'not a time'],
    ['2010-12-01 08:26:00+16:00', 'not a time'],
    ['12/1/2010 13:26 PM', 'not a time'],
    ['01-12-2010 08:26', 'not a time'],
    ['01.12.2010 08:26', 'not a time'],
    ['1 Dec 2010', 'not a time'],
    ['20101201', 'not a time'],
    ['40513.35', 'not a time'],
    ['now', 'not a time'],
    ['infinity', 'not a time'],
  ])('%s is refused: %s', (field, why) => {
    expect(refusal(timestamp, field)).toContain(why);
  });
});

describe('a text', () => {
  it('is kept, and may be as long as its column in characters', () => {
    expect(textOf(3)(' 😀 ')).toBe(' 😀 ');
    expect(refusal(textOf(3), '😀   ')).toContain('at most 3 characters');
  });
});
