import { describe, expect, it } from 'vitest';
import { isHidden } from './spectrum-files.ts';

describe('isHidden', () => {
  it.each([
    ['day/_manifest.json', true],
    ['day/.part', true],
    ['day/#x', true],
    ['day/a.csv~', true],
    ['day/', true],
    ['day/a_b.csv', false],
    ['_day/a.csv', false],
    ['a.csv', false],
  ])('%s: %s', (key, hidden) => {
    expect(isHidden(key)).toBe(hidden);
  });
});
