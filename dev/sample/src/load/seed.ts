/** Seeding: loads purchases into the source table and sets which reviews the jobs read. */
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { findInput, type InputFile } from './input-file.ts';
import { hasPurchases, loadPurchases } from './load-purchases.ts';
import { progressText, purchasesText } from '../report.ts';
import { chooseReviews, type ReviewsChoice, reviewsSetting, setReviews } from './set-reviews.ts';
import { readSetting } from '../settings-file.ts';
import { connect } from './source-database.ts';
import { sampleFiles, writeSample } from '../data/write-sample.ts';

export interface SeedRequest {
  /** The named files; relative paths start at `cwd`. */
  readonly purchases: string | undefined;
  readonly reviews: string | undefined;
  /** Keep what exists and fill in only what is missing. */
  readonly keep: boolean;
  readonly allowRemote: boolean;
  readonly cwd: string;
  /** The folder for the sample and for unpacked reviews. */
  readonly state: string;
  /** The file of KEY=value lines that holds REVIEWS_SOURCE. */
  readonly settings: string;
  readonly ddl: string;
  readonly databaseUrl: string;
  readonly signal: AbortSignal;
  /** Prints one line. */
  readonly print: (line: string) => void;
}

interface Choice {
  readonly purchases: InputFile | 'keep';
  readonly reviews: ReviewsChoice | 'keep';
}

/**
 * Without named files, the sample replaces everything. If you name one file, or with `keep`, the other half
 * stays if it exists and is filled in from the sample if not: a half is never replaced unasked. All input is
 * checked before anything changes. A second run gives the same rows.
 */
export async function seed(request: SeedRequest): Promise<void> {
  const { print, signal } = request;
  const named = await findNamed(request);
  await using source = await connect(request.databaseUrl, request.allowRemote);
  const choice = await fillIn(request, named, source.client);

  if (choice.purchases === 'keep') print('purchases: unchanged');
  else {
    const file = choice.purchases;
    print(`purchases: loading ${file.path}`);
    const onProgress = (progress: Parameters<typeof progressText>[1]): void => {
      print(progressText(file, progress));
    };
    const { ddl } = request;
    print(purchasesText(await loadPurchases(source.client, file, { ddl, signal, onProgress })));
  }
  if (choice.reviews === 'keep') print(`reviews: ${reviewsSetting} unchanged`);
  else {
    await setReviews(choice.reviews, request.settings, signal);
    print(`reviews: ${reviewsSetting} is ${choice.reviews.source}, set in ${request.settings}`);
  }
}

type Named = { readonly [Half in keyof Choice]: Exclude<Choice[Half], 'keep'> | undefined };

async function findNamed({ purchases, reviews, cwd, state }: SeedRequest): Promise<Named> {
  return {
    purchases:
      purchases === undefined ? undefined : await findInput(resolve(cwd, purchases), '--purchases'),
    reviews: reviews === undefined ? undefined : await chooseReviews(reviews, cwd, state),
  };
}

async function fillIn(request: SeedRequest, named: Named, client: pg.Client): Promise<Choice> {
  const replace = !request.keep && named.purchases === undefined && named.reviews === undefined;
  const needs = {
    purchases: named.purchases === undefined && (replace || !(await hasPurchases(client))),
    reviews:
      named.reviews === undefined &&
      (replace || (await readSetting(request.settings, reviewsSetting)) === undefined),
  };
  const { purchases = 'keep', reviews = 'keep' } = named;
  if (!needs.purchases && !needs.reviews) return { purchases, reviews };

  const folder = join(request.state, 'sample');
  await writeSample(folder);
  const sample = sampleFiles(folder);
  const halves = Object.entries(needs).flatMap(([half, needed]) => (needed ? [half] : []));
  const effect = replace ? ' and replaces what was there' : '';
  request.print(
    `the sample is used for ${halves.join(' and ')}${effect}; name files to load those instead`,
  );
  if (needs.reviews) {
    request.print('reviews: one line a day is broken on purpose; emr-clean rejects it');
  }
  return {
    purchases: needs.purchases ? await findInput(sample.purchases, '--purchases') : purchases,
    reviews: needs.reviews ? { source: sample.reviews } : reviews,
  };
}
