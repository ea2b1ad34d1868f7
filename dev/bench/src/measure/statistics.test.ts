import { describe, expect, it } from 'vitest';
import { median, range, ratio } from './statistics.ts';

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([10, 9, 100, 1, 2])).toBe(9);
  });

  it('of an even number is the mean of the middle two', () => {
    expect(median([4, 1, 2, 30])).toBe(3);
  });

  it('of one value is that value, and of none an error', () => {
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow('no median');
  });

  it('leaves its argument as it was', () => {
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
  it('is that of the medians', () => {
    expect(ratio([2, 100, 2], [4, 4, 1])).toBe(0.5);
  });

  it('is undefined without a base', () => {
    expect(ratio([1], undefined)).toBeUndefined();
    expect(ratio([1], [])).toBeUndefined();
    expect(ratio([], [1])).toBeUndefined();
    expect(ratio([1], [0])).toBeUndefined();
  });
});
