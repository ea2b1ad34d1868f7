/** Invented reviews in the format of the vendor's file: for each day 1,500, one of them malformed. */
import type { Ds } from '@user-behaviour/shared/ds';
import { csvLine } from './csv.ts';
import { dailyBuyer, reviewers } from './customers.ts';
import { createRandom, type Random } from '../random.ts';
import { makeSentence, type ReviewKind, unclosedReview } from './review-sentences.ts';

const reviewHeader = ['cid', 'review_str'] as const;

/** All lines of a day without the header, including the malformed one. */
const total = 1_500;

/** How often a customer writes `good`: some like most films and some hardly any. A third on average. */
const generosity = [0.05, 0.75, 0.2, 0.35];

/** The file of a day as CSV lines, starting with the header; the same seed and day give the same bytes. */
export function* reviewLines(seed: number, ds: Ds): Generator<string> {
  const random = createRandom(seed, `reviews ${ds}`);
  const sound = Array.from({ length: total - 1 }, (_, index) => {
    const customer = customerOf(random, index);
    return csvLine([String(customer), makeSentence(random, kindOf(random, customer, index))]);
  });
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

function kindOf(random: Random, customer: number, index: number): ReviewKind {
  if (index % 50 === 7) return 'nearMiss';
  if (index % 40 === 11) return 'misleading';
  if (index % 25 === 3) return 'awkward';
  const likes = random.chance(generosity[customer % generosity.length] ?? 0);
  return likes ? 'good' : random.pick(['praise', 'mixed', 'blame', 'blame']);
}
