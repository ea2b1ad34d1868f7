import { describe, expect, it } from 'vitest';
import { records, resultOutput } from './records.ts';

const one = (type: string, text: string | undefined) =>
  records({ columns: ['x'], types: [type], rows: [[text]] })[0]?.['x'];

describe('a record', () => {
  it.each<[string, string | undefined, unknown]>([
    ['int4', '7', 7],
    ['int8', '-9007199254740', -9_007_199_254_740],
    ['int8', '9223372036854775807', '9223372036854775807'],
    ['numeric', '307.25000', 307.25],
    ['numeric', '0.00000', 0],
    ['numeric', '0.33333333333333333333', '0.33333333333333333333'],
    ['float8', '0.30000000000000004', 0.300_000_000_000_000_04],
    ['float8', 'NaN', 'NaN'],
    ['bool', 'true', true],
    ['bool', 'f', false],
    ['date', '2010-12-01', '2010-12-01'],
    ['varchar', '12', '12'],
    ['varchar', '', ''],
    ['int4', undefined, null],
  ])('has a value of type %s, %s, as %j', (type, text, expected) => {
    expect(one(type, text)).toEqual(expected);
  });

  it('keeps columns of the same name apart', () => {
    const rows = [['a', 'b', 'c', 'd']];
    expect(records({ columns: ['n', 'n', 'n_2', 'n'], types: [], rows })).toEqual([
      { n: 'a', n_2: 'b', n_2_2: 'c', n_3: 'd' },
    ]);
  });
});

describe('the result of a statement', () => {
  it('is done if it has no columns, and else a table that wraps', () => {
    expect(resultOutput({ columns: [], types: [], rows: [] }).text(undefined)).toBe('done');
    const result = { columns: ['a'], types: ['varchar'], rows: [['some words']] };
    expect(resultOutput(result).text(8)).toBe('a\n--------\nsome\nwords');
    expect(resultOutput(result).json()).toEqual({ columns: ['a'], rows: [{ a: 'some words' }] });
  });
});
