import { describe, expect, it } from 'vitest';
import { median, range, ratio } from './statistics.ts';

describe('median', () => {
  it('is the middle value, in any order', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([10, 9, 100, 1, 2])).toBe(9);
  });

  it('is the mean of the middle two of an even number of values', () => {
    expect(median([4, 1, 2, 30])).toBe(3);
  });

  it('is the only value of one, and an error for none', () => {
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow('no median');
  });

  it('does not change its argument', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('range', () => {
  it('is the smallest and the largest', () => {
    expect(range([3, 1, 2])).toEqual([1, 3]);
    expect(() => range([])).toThrow('no range');
  });
});

describe('ratio', () => {
  it('is the ratio of the medians', () => {
    expect(ratio([2, 100, 2], [4, 4, 1])).toBe(0.5);
  });

  it('is undefined without a base', () => {
    expect(ratio([1], undefined)).toBeUndefined();
    expect(ratio([1], [])).toBeUndefined();
    expect(ratio([], [1])).toBeUndefined();
    expect(ratio([1], [0])).toBeUndefined();
  });
});
