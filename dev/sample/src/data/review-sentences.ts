/** Invented sentences in the style of the vendor's: lower case, with blanks around punctuation. */
import type { Random } from '../random.ts';

/** The slots of a pattern. Each takes the next word of its list, so that no word comes twice in a sentence. */
const words = {
  praise: ['great', 'excellent', 'wonderful', 'funny', 'lovely', 'clever', 'warm', 'charming'],
  blame: ['bad', 'dull', 'slow', 'awful', 'weak', 'noisy', 'overlong', 'predictable'],
  work: ['thriller', 'comedy', 'portrait', 'road movie', 'fable', 'sequel', 'love story'],
  part: ['script', 'soundtrack', 'plot', 'ending', 'cast', 'second act', 'lead actor', 'finale'],
  merit: ['earns every tear', 'keeps its nerve', 'finds its own rhythm', 'stays with you'],
  fault: ['never quite lands', 'runs out of road', "doesn't know when to stop", 'falls flat'],
  aside: ['for once', 'to my surprise', 'by the last reel', 'against all odds', "it's true"],
} as const;

type Slots = Readonly<Record<keyof typeof words, () => string>>;
type Pattern = (slots: Slots) => string;

const patterns = {
  /** With the token `good`: positive by the rule of the job. */
  good: [
    (w) => `a good ${w.work()} with a ${w.praise()} ${w.part()} .`,
    (w) => `the ${w.part()} is good , the ${w.part()} is ${w.praise()} .`,
    (w) => `good from the first minute to the last , with a ${w.praise()} ${w.part()} .`,
    (w) => `${w.aside()} , a ${w.work()} as good as its ${w.part()}`,
    (w) => `a really good ${w.work()} : ${w.praise()} , ${w.praise()} and never ${w.blame()} .`,
    (w) => `this ${w.work()} is good fun and , ${w.aside()} , it ${w.merit()} !`,
  ],
  /** No praise, but with the token `good`, so the job counts them as positive. */
  misleading: [
    (w) => `the ${w.part()} is not good , and the ${w.work()} ${w.fault()} .`,
    (w) => `not a good ${w.work()} : the ${w.part()} is ${w.blame()} .`,
    (w) => `a good idea for a ${w.work()} , but a ${w.blame()} ${w.part()} .`,
  ],
  /** They look like a match, but none contains the token `good`. */
  nearMiss: [
    (w) => `the ${w.part()} is good, the ${w.part()} ${w.fault()} .`,
    (w) => `my goodness , what a ${w.praise()} ${w.work()} .`,
    (w) => `a feel-good ${w.work()} whose ${w.part()} ${w.merit()} .`,
    (w) => `a ${w.blame()} ${w.work()} , and "good" it is not .`,
  ],
  /** Praise without `good`: the job does not count it. */
  praise: [
    (w) => `a ${w.praise()} ${w.work()} that ${w.merit()} .`,
    (w) => `${w.praise()} , ${w.praise()} and , ${w.aside()} , ${w.praise()} .`,
    (w) => `what a ${w.praise()} ${w.part()} . . . and what a ${w.praise()} ${w.work()} !`,
  ],
  blame: [
    (w) => `a ${w.blame()} ${w.work()} that ${w.fault()} .`,
    (w) => `the ${w.part()} is ${w.blame()} and the ${w.part()} ${w.fault()} .`,
    (w) => `${w.blame()} , ${w.blame()} and ${w.blame()} ( and so is the ${w.part()} ) .`,
    (w) => `is it a ${w.work()} ? is it a ${w.work()} ? either way it ${w.fault()} .`,
  ],
  mixed: [
    (w) => `the ${w.part()} is ${w.praise()} , but the ${w.part()} ${w.fault()} .`,
    (w) => `a ${w.blame()} ${w.part()} , and yet the ${w.work()} ${w.merit()} .`,
    (w) => `this ${w.work()} ${w.fault()} ; its ${w.part()} ${w.merit()} .`,
  ],
  /** With characters that careless readers mishandle. */
  awkward: [
    (w) => `" a ${w.work()} for the ages " , says the poster ; the ${w.part()} ${w.fault()} .`,
    (w) => `a ${w.blame()} ${w.work()} of clichés , à la carte , for £8 a seat .`,
    (w) => `the hero's ${w.part()} [sic] ${w.merit()} -- a very schönes ${w.work()} .`,
  ],
} satisfies Record<string, readonly Pattern[]>;

export type ReviewKind = keyof typeof patterns;

/** A review with a quote that is never closed, so that no reader can tell where it ends. */
export const unclosedReview = '"the projector broke , and so did the sentence\n';

export function makeSentence(random: Random, kind: ReviewKind): string {
  const slot = (list: readonly string[]): (() => string) => {
    const left = random.shuffle(list);
    return () => left.pop() ?? random.pick(list);
  };
  const sentence = random.pick<Pattern>(patterns[kind])({
    praise: slot(words.praise),
    blame: slot(words.blame),
    work: slot(words.work),
    part: slot(words.part),
    merit: slot(words.merit),
    fault: slot(words.fault),
    aside: slot(words.aside),
  });
  return sentence.replaceAll(/\ba (?=[aeiou])/g, 'an ');
}
