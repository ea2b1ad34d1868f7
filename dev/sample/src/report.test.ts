import { expect, it } from 'vitest';
import { fileSize, quantity, sampleReviewsText, sampleText, shortSource } from './report.ts';

it.each([
  [1, '1 kB'],
  [94_349, '95 kB'],
  [253_000, '0.3 MB'],
  [1_234_500_000, '1,234.5 MB'],
])('writes %i bytes as %s', (bytes, text) => {
  expect(fileSize(bytes)).toBe(text);
});

it('writes quantities with separators and a plural', () => {
  expect(quantity(1, 'row')).toBe('1 row');
  expect(quantity(541_909, 'row')).toBe('541,909 rows');
});

it('names only what the sample is used for', () => {
  expect(sampleText({ purchases: 'keep', reviews: 'sample' })).toBe(
    'the sample is used for reviews; REVIEWS=… loads your own',
  );
});

it('says which days have reviews', () => {
  expect(sampleReviewsText[0]).toContain('from 2010-12-01 to 2010-12-10;');
});

it('leaves an address as it is', () => {
  expect(shortSource('s3://b/{ds}.csv', '/')).toBe('s3://b/{ds}.csv');
  expect(shortSource('/work/r/{ds}.csv', '/work')).toBe('r/{ds}.csv');
});
