/** Writes the sample as two files, always anew; the same seed gives the same bytes. */
import { join } from 'node:path';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { purchaseLines } from './purchases.ts';
import { reviewLines } from './reviews.ts';

export interface SampleFiles {
  readonly purchases: string;
  readonly reviews: string;
}

/** The seed of the sample that `seed` loads. */
export const sampleSeed = 20_101_201;

/** Atomically writes user_purchase.csv and movie_review.csv into the folder. */
export async function writeSample(folder: string, seed = sampleSeed): Promise<SampleFiles> {
  const files = {
    purchases: join(folder, 'user_purchase.csv'),
    reviews: join(folder, 'movie_review.csv'),
  };
  await writeFileAtomically(files.purchases, purchaseLines(seed));
  await writeFileAtomically(files.reviews, reviewLines(seed));
  return files;
}
