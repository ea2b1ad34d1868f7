/**
 * The customers of the sample. Most of them buy and review; the first forty never review, and the last forty
 * never buy.
 */
const numbers = (from: number, through: number): readonly number[] =>
  Array.from({ length: through - from + 1 }, (_, index) => from + index);

const first = 13_001;
const firstReviewer = first + 40;
const lastBuyer = firstReviewer + 219;
const last = lastBuyer + 40;

export const buyers = numbers(first, lastBuyer);
export const reviewers = numbers(firstReviewer, last);

/** Buys every day and wrote several reviews. */
export const dailyBuyer = firstReviewer;
/** Buys every day and never wrote a review. */
export const nonReviewer = first;

const abroad = ['France', 'Germany', 'EIRE', 'Spain', 'United Arab Emirates', 'Portugal'];

/** A customer's country: fixed for each, and mostly the United Kingdom. */
export function countryOf(customer: number | undefined): string {
  const home = 'United Kingdom';
  return customer === undefined || customer % 10 > 0
    ? home
    : (abroad[(customer / 10) % abroad.length] ?? home);
}
