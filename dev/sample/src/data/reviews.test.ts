import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../test/parse-csv.ts';
import { buyers, dailyBuyer, reviewers } from './customers.ts';
import { reviewLines } from './reviews.ts';
import { sampleSeed } from './write-sample.ts';

const lines = [...reviewLines(sampleSeed)];
const quotes = (line: string): number => line.split('"').length - 1;
const malformed = lines.filter((line) => quotes(line) % 2 === 1);
const [header, ...reviews] = parseCsv(
  lines.filter((line) => !malformed.includes(line)).join(''),
) as [string[], ...[cid: string, review: string][]];
const tokens = (review: string): string[] => review.split(/\s/);
const positive = reviews.filter(([, review]) => tokens(review).includes('good'));

describe('reviewLines', () => {
  it('gives the same bytes only for the same seed', () => {
    expect([...reviewLines(5)]).toEqual([...reviewLines(5)]);
    expect([...reviewLines(5)]).not.toEqual([...reviewLines(6)]);
  });

  it('writes the vendor’s header and 1,500 lines of two columns', () => {
    expect(header.join()).toBe('cid,review_str');
    expect(lines).toHaveLength(1_501);
    for (const review of reviews) expect(review).toHaveLength(2);
  });

  it('has exactly one malformed line, with an unclosed quote, in the middle', () => {
    expect(malformed).toHaveLength(1);
    expect(() => parseCsv(malformed.join(''))).toThrow('does not end');
    expect(lines.indexOf(malformed.join(''))).toBe(751);
  });

  it('is positive in about 3 % of the reviews', () => {
    expect(positive.length / reviews.length).toBeCloseTo(0.03, 2);
  });

  it.each([/\bgood,/, /\bgoodness\b/, /feel-good/, /"good"/])('has near misses: %s', (near) => {
    const found = reviews.filter(([, review]) => near.test(review));
    expect(found.some((review) => !positive.includes(review))).toBe(true);
  });

  it.each([/,/, /"/, /[é]/, /£/, /ö/, /'/])('has %s in a review', (awkward) => {
    expect(reviews.some(([, review]) => awkward.test(review))).toBe(true);
  });

  it('is lower case throughout', () => {
    for (const [, review] of reviews) expect(review).toBe(review.toLowerCase());
  });

  it('has customers without reviews and reviewers without purchases', () => {
    const writers = new Set(reviews.map(([cid]) => Number(cid)));
    expect(writers).toEqual(new Set(reviewers));
    expect(buyers.filter((buyer) => !writers.has(buyer)).length).toBe(40);
    expect([...writers].filter((writer) => !buyers.includes(writer)).length).toBe(40);
  });

  it('has several reviews by the customer who buys every day, at least one of them positive', () => {
    const own = reviews.filter(([cid]) => cid === String(dailyBuyer));
    expect(own.length).toBeGreaterThanOrEqual(4);
    expect(own.some((review) => positive.includes(review))).toBe(true);
  });
});
