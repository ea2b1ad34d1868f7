/** Writes the sample, always anew; the same seed gives the same bytes. */
import { join } from 'node:path';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { sampleDays } from './calendar.ts';
import { purchaseLines } from './purchases.ts';
import { reviewLines } from './reviews.ts';

export interface SampleFiles {
  readonly purchases: string;
  /** Contains `{ds}`: one file a day. */
  readonly reviews: string;
}

/** The seed of the sample that `seed` loads. */
export const sampleSeed = 20_101_201;

export const sampleFiles = (folder: string): SampleFiles => ({
  purchases: join(folder, 'purchases.csv'),
  reviews: join(folder, 'reviews', '{ds}.csv'),
});

/** Atomically writes each file into the folder. */
export async function writeSample(folder: string): Promise<void> {
  const files = sampleFiles(folder);
  await writeFileAtomically(files.purchases, purchaseLines(sampleSeed));
  for (const ds of sampleDays) {
    await writeFileAtomically(files.reviews.replace('{ds}', ds), reviewLines(sampleSeed, ds));
  }
}
