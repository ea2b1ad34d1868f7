/** Invented sentences in the style of the vendor's: lower case, with blanks around punctuation. */
import type { Random } from '../random.ts';

const praise = ['tender', 'sly', 'brisk', 'luminous', 'nimble', 'warm', 'daring', 'well-paced'];
const blame = ['limp', 'noisy', 'stale', 'muddled', 'glum', 'overlong', 'wooden', 'half-baked'];
const works = ['thriller', 'comedy', 'portrait', 'road movie', 'fable', 'sequel', 'love story'];
const parts = ['script', 'camera', 'score', 'ending', 'lead', 'second act', 'dialogue', 'joke'];
const deeds = [
  'never quite lands',
  'keeps its nerve',
  'runs out of road',
  'earns every tear',
  "doesn't know when to stop",
  'finds its own rhythm',
];
const asides = ['for once', 'sad to say', 'by the last reel', 'against all odds', "it's true"];

type Slot = () => string;
interface Words {
  readonly adjective: Slot;
  readonly work: Slot;
  readonly part: Slot;
  readonly deed: Slot;
  readonly aside: Slot;
}
type Pattern = (words: Words) => string;

const plain: readonly Pattern[] = [
  (w) => `a ${w.adjective()} ${w.work()} that ${w.deed()} .`,
  (w) => `the ${w.part()} is ${w.adjective()} , but the ${w.part()} ${w.deed()} .`,
  (w) => `${w.adjective()} , ${w.adjective()} and , ${w.aside()} , ${w.adjective()} .`,
  (w) => `this ${w.work()} ${w.deed()} ; its ${w.part()} ${w.deed()} .`,
  (w) => `what a ${w.adjective()} ${w.part()} . . . and what a ${w.adjective()} ${w.part()} !`,
  (w) => `${w.aside()} the ${w.work()} ${w.deed()} ( and so does the ${w.part()} ) .`,
  (w) => `is it a ${w.work()} ? is it a ${w.work()} ? either way it ${w.deed()} .`,
];

/** Each contains the token `good`. */
const positive: readonly Pattern[] = [
  (w) => `a good ${w.work()} with a ${w.adjective()} ${w.part()} .`,
  (w) => `the ${w.part()} is good , the ${w.part()} ${w.deed()} .`,
  (w) => `${w.aside()} , the ${w.work()} is as good as its ${w.part()}`,
];

/** Each looks like a match, but none contains the token `good`. */
const nearlyPositive: readonly Pattern[] = [
  (w) => `the ${w.part()} is good, the ${w.part()} ${w.deed()} .`,
  (w) => `my goodness , what a ${w.adjective()} ${w.work()} .`,
  (w) => `a feel-good ${w.work()} whose ${w.part()} ${w.deed()} .`,
  (w) => `a ${w.adjective()} ${w.work()} , but "good" it is not .`,
];

const awkward: readonly Pattern[] = [
  (w) => `" a ${w.work()} for the ages " , says the poster ; the ${w.part()} ${w.deed()} .`,
  (w) => `a ${w.adjective()} ${w.work()} of clichés , à la carte , for £8 a seat .`,
  (w) => `the hero's ${w.part()} [sic] ${w.deed()} -- a very schönes ${w.work()} .`,
];

/** A review with a quote that is never closed, so that no reader can tell where it ends. */
export const unclosedReview = '"the projector broke , and so did the sentence\n';

export type ReviewKind = 'plain' | 'positive' | 'nearly positive' | 'awkward';

const patterns: Readonly<Record<ReviewKind, readonly Pattern[]>> = {
  plain,
  positive,
  'nearly positive': nearlyPositive,
  awkward,
};

export function makeSentence(random: Random, kind: ReviewKind): string {
  const tone = random.chance(0.5) ? praise : blame;
  return random.pick(patterns[kind])({
    adjective: () => random.pick(tone),
    work: () => random.pick(works),
    part: () => random.pick(parts),
    deed: () => random.pick(deeds),
    aside: () => random.pick(asides),
  });
}
