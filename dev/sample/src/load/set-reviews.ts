/** Sets REVIEWS_SOURCE, the reviews that the stage-reviews job reads. */
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { Failure } from '@user-behaviour/shared/failure';
import { header, isHeader } from '@user-behaviour/stage-reviews/reviews-check';
import { asInputFailure, findInput, firstLine, type InputFile, unpack } from './input-file.ts';
import { settingLine, writeSettings } from '../settings-file.ts';

export const reviewsSetting = 'REVIEWS_SOURCE';

/** The future value of REVIEWS_SOURCE. */
export interface ReviewsChoice {
  readonly source: string;
  /** The given file; a compressed one is unpacked to `source`. Undefined for an address or with `{ds}`. */
  readonly file?: InputFile;
}

/**
 * Accepts a file, an s3:// address, or either with `{ds}`. The job checks addresses and `{ds}`.
 * @throws a usage failure for a file that is missing or has an unusable name, a data failure for a wrong header.
 */
export async function chooseReviews(
  given: string,
  { cwd, state, settings }: Readonly<Record<'cwd' | 'state' | 'settings', string>>,
): Promise<ReviewsChoice> {
  const choice = await findReviews(given, cwd, state);
  asSetting(choice.source, settings);
  return choice;
}

async function findReviews(given: string, cwd: string, state: string): Promise<ReviewsChoice> {
  if (given.startsWith('s3://')) return { source: given };
  const path = resolve(cwd, given);
  if (path.includes('{ds}')) return { source: path };
  const file = await findInput(path, 'REVIEWS', cwd);
  if (!isHeader((await firstLine(file))?.replace(/^\uFEFF/, '') ?? '')) {
    throw new Failure('data', `REVIEWS: ${file.name} does not begin with the header ${header}`, {
      action: 'nothing was loaded; give the file this header',
    });
  }
  if (!file.gzipped) return { source: path, file };
  return { source: join(state, 'reviews', basename(path).replace(/\.gz$/, '')), file };
}

/** Unpacks the file if needed and sets REVIEWS_SOURCE. */
export async function setReviews(
  { source, file }: ReviewsChoice,
  settings: string,
  signal: AbortSignal,
): Promise<void> {
  if (file?.gzipped === true) await unpackTo(source, file, signal);
  await writeSettings(settings, { [reviewsSetting]: asSetting(source, settings) });
}

/** Relative to the folder of the settings, where the jobs start, if the checkout has a name that no line can hold. */
function asSetting(source: string, settings: string): string {
  const inside = relative(dirname(settings), source);
  const value =
    isAbsolute(source) && /[$'"]/.test(source) && !inside.startsWith('..') ? inside : source;
  settingLine(reviewsSetting, value);
  return value;
}

async function unpackTo(target: string, packed: InputFile, signal: AbortSignal): Promise<void> {
  try {
    await writeFileAtomically(target, unpack(packed, { onDisk: 0, unpacked: 0 }), { signal });
  } catch (error) {
    throw asInputFailure(packed, error);
  }
}
