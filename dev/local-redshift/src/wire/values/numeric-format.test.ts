import { describe, expect, it } from 'vitest';
import { numericBytes, numericText } from './numeric-format.ts';

describe('numericBytes', () => {
  it.each([
    // As PostgreSQL's numeric_send writes them: count, weight, sign, scale, digits of base 10,000.
    ['0', [0, 0, 0, 0]],
    ['0.00', [0, 0, 0, 2]],
    ['1', [1, 0, 0, 0, 1]],
    ['-1.5', [2, 0, 0x4000, 1, 1, 5000]],
    ['10000', [1, 1, 0, 0, 1]],
    ['12345.678', [3, 1, 0, 3, 1, 2345, 6780]],
    ['0.00012', [2, -1, 0, 5, 1, 2000]],
    ['0.000000012', [2, -2, 0, 9, 1, 2000]],
  ])('writes %s', (text, expected) => {
    const bytes = numericBytes(text);
    const found = Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readInt16BE(at * 2));
    expect(found).toEqual(expected);
    expect(numericText(bytes)).toBe(text);
  });

  it.each(['99999999999999999999999999999999999999', '-0.0001', '100.10', '123456789.000000001'])(
    'reads back %s',
    (text) => {
      expect(numericText(numericBytes(text))).toBe(text);
    },
  );

  it('reads NaN, which a client may send', () => {
    expect(numericText(Buffer.from('00000000c0000000', 'hex'))).toBe('NaN');
  });
});
