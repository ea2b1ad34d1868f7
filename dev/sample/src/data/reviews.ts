/** Invented reviews in the shape of the vendor's file: some 1,500, one of them malformed. */
import { csvLine } from './csv.ts';
import { regular, reviewers } from './people.ts';
import { createRandom, type Random } from '../random.ts';
import { makeSentence, type Manner, unclosedReview } from './review-sentences.ts';

const reviewHeader = ['cid', 'review_str'] as const;

/** All lines but the header, the malformed one included. */
const total = 1_500;

/** The file as CSV lines, header first; the same seed gives the same bytes. */
export function* reviewLines(seed: number): Generator<string> {
  const random = createRandom(seed, 'reviews');
  const sound = Array.from({ length: total - 1 }, (_, index) =>
    csvLine([String(writer(random, index)), makeSentence(random, manner(index))]),
  );
  const lines = random.shuffle(sound);
  yield csvLine(reviewHeader);
  yield* lines.slice(0, total / 2);
  yield `${regular},${unclosedReview}`;
  yield* lines.slice(total / 2);
}

/** Everybody who reviews does it once, the regular one a few times more, and then whoever comes. */
function writer(random: Random, index: number): number {
  if (index >= reviewers.length && index < reviewers.length + 3) return regular;
  return reviewers[index] ?? random.pick(reviewers);
}

/** Three in a hundred are positive, as with the vendor. */
function manner(index: number): Manner {
  if (index % 33 === 0) return 'positive';
  if (index % 50 === 7) return 'nearly positive';
  return index % 25 === 3 ? 'awkward' : 'plain';
}
