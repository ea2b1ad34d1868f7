import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../test/parse-csv.ts';
import { sampleDays } from './calendar.ts';
import { buyers, dailyBuyer, reviewers } from './customers.ts';
import { reviewLines } from './reviews.ts';
import { sampleSeed } from './write-sample.ts';

type Review = readonly [cid: string, text: string];

const [firstDay] = sampleDays;
if (firstDay === undefined) throw new Error('the sample has no days');
const textOf = (seed: number, ds = firstDay): string => [...reviewLines(seed, ds)].join('');
const quotes = (line: string): number => line.split('"').length - 1;
/** By the rule of the job: one of the words between blanks is `good`. */
const isPositive = ([, text]: Review): boolean => text.split(/\s/).includes('good');

const days = sampleDays.map((ds) => {
  const lines = [...reviewLines(sampleSeed, ds)];
  const malformed = lines.filter((line) => quotes(line) % 2 === 1);
  const [header, ...reviews] = parseCsv(
    lines.filter((line) => !malformed.includes(line)).join(''),
  ) as [string[], ...Review[]];
  return { ds, lines, malformed, header, reviews };
});

describe('reviewLines', () => {
  it('gives the same bytes only for the same seed and day', () => {
    expect(textOf(5)).toBe(textOf(5));
    expect(textOf(5)).not.toBe(textOf(6));
    expect(new Set(sampleDays.map((ds) => textOf(5, ds))).size).toBe(10);
  });

  it('repeats no adjective within a sentence, and writes an before a vowel', () => {
    const repeated = /\b(great|excellent|wonderful|funny|bad|dull|slow|awful)\b(?=.*\b\1\b)/;
    for (const { reviews } of days) {
      for (const [, text] of reviews) {
        expect(text).not.toMatch(repeated);
        expect(text).not.toMatch(/\ba [aeiou]|\ban [^aeiou]/);
      }
    }
  });
});

describe.each(days)('the reviews of $ds', ({ lines, malformed, header, reviews }) => {
  it('are the vendor’s header and 1,500 lines of two columns', () => {
    expect(header.join()).toBe('cid,review_str');
    expect(lines).toHaveLength(1_501);
    for (const review of reviews) expect(review).toHaveLength(2);
  });

  it('have exactly one malformed line, with an unclosed quote, in the middle', () => {
    expect(malformed).toHaveLength(1);
    expect(() => parseCsv(malformed.join(''))).toThrow('does not end');
    expect(lines.indexOf(malformed.join(''))).toBe(751);
  });

  it('are positive in about a third of the lines', () => {
    const share = reviews.filter(isPositive).length / reviews.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.4);
  });

  it('give the customers different scores, from none to all of their reviews', () => {
    const shares = [...Map.groupBy(reviews, ([cid]) => cid).values()].map(
      (own) => own.filter(isPositive).length / own.length,
    );
    for (const share of [0, 0.25, 0.5, 1]) expect(shares).toContain(share);
    const count = (share: number): number => shares.filter((one) => one === share).length;
    expect(count(0) + count(1)).toBeLessThan(shares.length / 2);
  });

  it.each([/\bgood,/, /\bgoodness\b/, /feel-good/, /"good"/])('have near misses: %s', (near) => {
    const found = reviews.filter(([, text]) => near.test(text));
    expect(found.some((review) => !isPositive(review))).toBe(true);
  });

  it.each(['great', 'excellent', 'wonderful'])('have praise without good: %s', (word) => {
    const found = reviews.filter(([, text]) => text.includes(word));
    expect(found.some((review) => !isPositive(review))).toBe(true);
  });

  it('have a few reviews that are positive by the rule alone, e.g. “not good”', () => {
    const misleading = reviews.filter(([, text]) =>
      / not good | not a good |^not a good /.test(text),
    );
    expect(misleading.length).toBeGreaterThan(5);
    expect(misleading.length).toBeLessThan(60);
    expect(misleading.every(isPositive)).toBe(true);
  });

  it.each([/,/, /"/, /[é]/, /£/, /ö/, /'/, /\b(bad|dull)\b/])('have %s in a review', (awkward) => {
    expect(reviews.some(([, text]) => awkward.test(text))).toBe(true);
  });

  it('are lower case throughout', () => {
    for (const [, text] of reviews) expect(text).toBe(text.toLowerCase());
  });

  it('leave some customers without reviews and some reviewers without purchases', () => {
    const writers = new Set(reviews.map(([cid]) => Number(cid)));
    expect(writers).toEqual(new Set(reviewers));
    expect(buyers.filter((buyer) => !writers.has(buyer)).length).toBe(40);
    expect([...writers].filter((writer) => !buyers.includes(writer)).length).toBe(40);
  });

  it('have several by the customer who buys every day, at least one of them positive', () => {
    const own = reviews.filter(([cid]) => cid === String(dailyBuyer));
    expect(own.length).toBeGreaterThanOrEqual(4);
    expect(own.some(isPositive)).toBe(true);
  });
});
