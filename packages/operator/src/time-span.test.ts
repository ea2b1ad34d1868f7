import { describe, expect, it } from 'vitest';
import { parseSpan, formatAge } from './time-span.ts';

describe('a time span', () => {
  it.each([
    ['0s', 0],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseSpan(text, 'OLDER')).toBe(milliseconds);
  });

  it.each(['', '7', 'd', '-1d', '1.5h', '7 d', '1w'])('is not %j', (text) => {
    expect(() => parseSpan(text, 'OLDER')).toThrow('OLDER must be a time such as');
  });

  it.each([
    [-5, '0 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('of %d ms reads %s', (milliseconds, text) => {
    expect(formatAge(milliseconds)).toBe(text);
  });
});
