/** Invented reviews in the format of the vendor's file: 1,500, one of them malformed. */
import { csvLine } from './csv.ts';
import { dailyBuyer, reviewers } from './customers.ts';
import { createRandom, type Random } from '../random.ts';
import { makeSentence, type ReviewKind, unclosedReview } from './review-sentences.ts';

const reviewHeader = ['cid', 'review_str'] as const;

/** All lines without the header, including the malformed one. */
const total = 1_500;

/** The file as CSV lines, starting with the header; the same seed gives the same bytes. */
export function* reviewLines(seed: number): Generator<string> {
  const random = createRandom(seed, 'reviews');
  const sound = Array.from({ length: total - 1 }, (_, index) =>
    csvLine([String(customerOf(random, index)), makeSentence(random, kindOf(index))]),
  );
  const lines = random.shuffle(sound);
  yield csvLine(reviewHeader);
  yield* lines.slice(0, total / 2);
  yield `${dailyBuyer},${unclosedReview}`;
  yield* lines.slice(total / 2);
}

/** First one review by each reviewer, then three more by the daily buyer, then random reviewers. */
function customerOf(random: Random, index: number): number {
  if (index >= reviewers.length && index < reviewers.length + 3) return dailyBuyer;
  return reviewers[index] ?? random.pick(reviewers);
}

/** About 3 % are positive, as in the vendor's file. */
function kindOf(index: number): ReviewKind {
  if (index % 33 === 0) return 'positive';
  if (index % 50 === 7) return 'nearly positive';
  return index % 25 === 3 ? 'awkward' : 'plain';
}
