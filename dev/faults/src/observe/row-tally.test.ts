import { expect, it } from 'vitest';
import { RowTally } from './row-tally.ts';

it('counts lost and doubled rows as a multiset, in any order', () => {
  const tally = new RowTally();
  expect(tally.compare(['a', 'b', 'b'], ['b', 'a', 'b'])).toBe(true);
  expect(tally.counts).toEqual({ 'lost rows': 0, 'doubled rows': 0 });
  expect(tally.compare(['a', 'b', 'b'], ['b', 'c'])).toBe(false);
  expect(tally.compare(['a'], ['a', 'a', 'a'])).toBe(false);
  expect(tally.counts).toEqual({ 'lost rows': 2, 'doubled rows': 3 });
});
