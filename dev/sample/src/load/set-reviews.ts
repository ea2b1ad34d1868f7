/** Sets REVIEWS_SOURCE, the reviews that the stage-reviews job reads. */
import { basename, join, resolve } from 'node:path';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { asInputFailure, findInput, type InputFile, unpack } from './input-file.ts';
import { writeSetting } from '../settings-file.ts';

export const reviewsSetting = 'REVIEWS_SOURCE';

/** The future value of REVIEWS_SOURCE. */
export interface ReviewsChoice {
  readonly source: string;
  /** The compressed file to unpack to `source` first. */
  readonly packed?: InputFile;
}

/**
 * Accepts a file, an s3:// address, or either with `{ds}`. The job checks addresses and `{ds}`.
 * @throws a usage failure if the file is missing.
 */
export async function chooseReviews(
  given: string,
  cwd: string,
  state: string,
): Promise<ReviewsChoice> {
  if (given.startsWith('s3://')) return { source: given };
  const path = resolve(cwd, given);
  if (path.includes('{ds}')) return { source: path };
  const file = await findInput(path, '--reviews');
  if (!file.gzipped) return { source: path };
  const name = basename(path).replace(/\.gz$/, '');
  return { source: join(state, 'reviews', name), packed: file };
}

/** Unpacks the file if needed and sets REVIEWS_SOURCE. */
export async function setReviews(
  choice: ReviewsChoice,
  settings: string,
  signal: AbortSignal,
): Promise<void> {
  const { source, packed } = choice;
  if (packed !== undefined) await unpackTo(source, packed, signal);
  await writeSetting(settings, reviewsSetting, source);
}

async function unpackTo(target: string, packed: InputFile, signal: AbortSignal): Promise<void> {
  try {
    await writeFileAtomically(target, unpack(packed, { onDisk: 0, unpacked: 0 }), { signal });
  } catch (error) {
    throw asInputFailure(packed, error);
  }
}
