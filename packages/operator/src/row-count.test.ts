import { expect, it } from 'vitest';
import { parseRowCount } from './row-count.ts';

it.each(['1', '5', '1000'])('%s rows can be shown', (text) => {
  expect(parseRowCount(text)).toBe(Number(text));
});

it.each(['0', '-1', '1001', '1e3', '', 'all'])('%j rows cannot', (text) => {
  expect(() => parseRowCount(text)).toThrow('ROWS must be a whole number from 1 to 1000');
});
