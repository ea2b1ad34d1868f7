/** Exercise 4: which words make a review positive. */
import { readFile } from 'node:fs/promises';
import { first, succeed } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';

const words = ['good', 'great', 'excellent'];

export const wordList: Exercise = {
  number: 4,
  title: 'Another list of words',
  task: [
    `A review is positive if it has the word ${words.join(', ')}: any of them, in upper or lower case.`,
    'Change spark/random_text_classification.py. A word ends at white space, as before: "great," is no match.',
    'The judge cleans a day with Spark, and counts the words in the file of the vendor itself.',
  ],
  services: ['postgres', 's3', 'emr'],
  judge,
};

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const args = [`--ds=${first}`];
  await succeed(workshop, 'stage-reviews', { args });
  const { summaries } = await succeed(workshop, 'emr-clean', { args });
  const [summary] = summaries;
  const reviews = await readReviews((workshop.env['REVIEWS_SOURCE'] ?? '').replace('{ds}', first));
  const positive = reviews.filter((review) =>
    review
      .toLowerCase()
      .split(/\s/)
      .some((word) => words.includes(word)),
  );
  return [
    { what: 'reviews', expected: String(reviews.length), found: String(summary?.['rows']) },
    {
      what: 'positive reviews',
      expected: String(positive.length),
      found: String(summary?.['positive']),
    },
  ];
}

/** The texts of the lines that Spark accepts; the others have an odd quote. */
async function readReviews(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => {
    const found = /^\d+,(?:"((?:[^"]|"")*)"|([^",][^,]*))$/.exec(line.replace(/\r$/, ''));
    return found === null ? [] : [found[1]?.replaceAll('""', '"') ?? found[2] ?? ''];
  });
}
