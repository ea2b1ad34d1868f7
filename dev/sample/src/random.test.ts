import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';

const draws = (seed: number, stream: string): number[] => {
  const random = createRandom(seed, stream);
  return Array.from({ length: 1_000 }, () => random.integer(1, 6));
};

describe('createRandom', () => {
  it('repeats itself only for the same seed and stream', () => {
    expect(draws(7, 'a')).toEqual(draws(7, 'a'));
    expect(draws(7, 'a')).not.toEqual(draws(8, 'a'));
    expect(draws(7, 'a')).not.toEqual(draws(7, 'b'));
  });

  it('draws all integers between the bounds about equally often', () => {
    const counts = Map.groupBy(draws(1, 'dice'), (eyes) => eyes);
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const drawn of counts.values()) expect(drawn.length).toBeGreaterThan(120);
  });

  it('shuffles without losing or duplicating an element', () => {
    const members = Array.from({ length: 50 }, (_, index) => index);
    const mixed = createRandom(3, 'cards').shuffle(members);
    expect(mixed).not.toEqual(members);
    expect(mixed.toSorted((a, b) => a - b)).toEqual(members);
  });

  it('cannot pick from an empty list', () => {
    expect(() => createRandom(1, 'x').pick([])).toThrow('empty list');
  });
});
