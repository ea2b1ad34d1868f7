/** What a seed loads: the named files, the sample, or nothing where something exists already. */
import type pg from 'pg';
import { findInput, type InputFile } from './input-file.ts';
import { countPurchases } from './load-purchases.ts';
import { checkHeader } from './purchase-rows.ts';
import { readSetting } from '../settings-file.ts';
import { chooseReviews, type ReviewsChoice, reviewsSetting } from './set-reviews.ts';

export interface SeedInput {
  /** The named files; relative paths start at `cwd`. */
  readonly purchases: string | undefined;
  readonly reviews: string | undefined;
  /** Keep what exists and fill in only what is missing. */
  readonly keep: boolean;
  readonly cwd: string;
  /** The folder for the sample and for unpacked reviews. */
  readonly state: string;
  /** The file of KEY=value lines with the settings of the jobs. */
  readonly settings: string;
}

export interface NamedFiles {
  readonly purchases: InputFile | undefined;
  readonly reviews: ReviewsChoice | undefined;
}

export interface Choice {
  readonly purchases: InputFile | 'sample' | 'keep';
  readonly reviews: ReviewsChoice | 'sample' | 'keep';
}

/** @throws a usage or data failure for a file that is missing or has a wrong header. */
export async function findNamed(input: SeedInput): Promise<NamedFiles> {
  const { purchases, reviews, cwd } = input;
  return {
    purchases: purchases === undefined ? undefined : await findPurchases(purchases, cwd),
    reviews: reviews === undefined ? undefined : await chooseReviews(reviews, input),
  };
}

async function findPurchases(given: string, cwd: string): Promise<InputFile> {
  const file = await findInput(given, 'PURCHASES', cwd);
  await checkHeader(file);
  return file;
}

/**
 * Without named files, the sample replaces everything. If one file is named, or with `keep`, the other half
 * stays if it exists and is filled in from the sample if not: a half is never replaced unasked.
 */
export async function choose(
  input: SeedInput,
  named: NamedFiles,
  client: pg.Client,
): Promise<Choice> {
  const { keep, settings } = input;
  if (!keep && named.purchases === undefined && named.reviews === undefined) {
    return { purchases: 'sample', reviews: 'sample' };
  }
  const orSample = (exists: boolean): 'keep' | 'sample' => (exists ? 'keep' : 'sample');
  return {
    purchases: named.purchases ?? orSample((await countPurchases(client, 1)) > 0),
    reviews: named.reviews ?? orSample((await readSetting(settings, reviewsSetting)) !== undefined),
  };
}
