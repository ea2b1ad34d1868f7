/** Seeding: loads purchases into the source table and sets which days and reviews the jobs read. */
import { join } from 'node:path';
import type pg from 'pg';
import { type Choice, choose, findNamed, type SeedInput } from './choice.ts';
import { describeSeed } from './dry-run.ts';
import { findInput, type InputFile } from './input-file.ts';
import { loadPurchases } from './load-purchases.ts';
import {
  progressText,
  purchasesText,
  sampleReviewsText,
  sampleText,
  shortSource,
} from '../report.ts';
import { reviewsSetting, setReviews } from './set-reviews.ts';
import { readSetting, writeSettings } from '../settings-file.ts';
import { shortPath } from '../short-path.ts';
import { connect } from './source-database.ts';
import { sampleFiles, writeSample } from '../data/write-sample.ts';

export interface SeedRequest extends SeedInput {
  /** Say what would change, and change nothing. */
  readonly dryRun: boolean;
  readonly allowRemote: boolean;
  readonly ddl: string;
  readonly databaseUrl: string;
  readonly signal: AbortSignal;
  /** Prints one line. */
  readonly print: (line: string) => void;
}

/** All input is checked before anything changes. A second run gives the same rows and settings. */
export async function seed(request: SeedRequest): Promise<void> {
  const named = await findNamed(request);
  await using source = await connect(request.databaseUrl, request.allowRemote);
  const choice = await choose(request, named, source.client);
  if (request.dryRun) {
    for (const line of await describeSeed(request, choice, source.client)) request.print(line);
    return;
  }
  if (choice.purchases === 'sample' || choice.reviews === 'sample') {
    await writeSample(join(request.state, 'sample'));
    request.print(sampleText(choice));
  }
  await seedPurchases(request, choice.purchases, source.client);
  await seedReviews(request, choice.reviews);
}

async function seedPurchases(
  { state, cwd, settings, ddl, signal, print }: SeedRequest,
  choice: Choice['purchases'],
  client: pg.Client,
): Promise<void> {
  if (choice === 'keep') {
    print('purchases: unchanged');
    return;
  }
  const sample = sampleFiles(join(state, 'sample')).purchases;
  const file: InputFile = choice === 'sample' ? await findInput(sample, 'PURCHASES', cwd) : choice;
  print(`purchases: loading ${file.name}`);
  const onProgress = (progress: Parameters<typeof progressText>[1]): void => {
    print(progressText(file, progress));
  };
  const loaded = await loadPurchases(client, file, { ddl, signal, onProgress });
  print(purchasesText(loaded));
  const { first, last } = loaded;
  await writeSettings(settings, { HISTORY_START: first, HISTORY_END: last });
  print(`${shortPath(settings, cwd)}: HISTORY_START is ${first}, HISTORY_END is ${last}`);
}

async function seedReviews(
  { state, cwd, settings, signal, print }: SeedRequest,
  choice: Choice['reviews'],
): Promise<void> {
  if (choice === 'keep') {
    const current = (await readSetting(settings, reviewsSetting)) ?? '';
    print(`reviews: ${reviewsSetting} is unchanged, ${shortSource(current, cwd)}`);
    return;
  }
  if (choice === 'sample') for (const line of sampleReviewsText) print(line);
  const source =
    choice === 'sample' ? { source: sampleFiles(join(state, 'sample')).reviews } : choice;
  await setReviews(source, settings, signal);
  print(`${shortPath(settings, cwd)}: ${reviewsSetting} is ${shortSource(source.source, cwd)}`);
}
