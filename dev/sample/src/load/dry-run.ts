/** What a seed would do; reads all input, and changes nothing. */
import { join } from 'node:path';
import type pg from 'pg';
import type { Choice, SeedInput } from './choice.ts';
import { countRows, type InputFile } from './input-file.ts';
import { countPurchases, noRows } from './load-purchases.ts';
import { countPurchaseRows } from './purchase-rows.ts';
import { reviewsSetting } from './set-reviews.ts';
import { fileSize, quantity, sampleReviewsText, shortSource } from '../report.ts';
import { readSetting } from '../settings-file.ts';
import { shortPath } from '../short-path.ts';
import { purchaseLines } from '../data/purchases.ts';
import { sampleFiles, sampleSeed } from '../data/write-sample.ts';

/** The lines to print. @throws a data failure for a file that could not be loaded. */
export async function describeSeed(
  input: SeedInput,
  choice: Choice,
  client: pg.Client,
): Promise<string[]> {
  return [
    'dry run: nothing is changed',
    ...(await describePurchases(input, choice.purchases, client)),
    ...(await describeReviews(input, choice.reviews)),
  ];
}

async function describePurchases(
  { settings, cwd }: SeedInput,
  choice: Choice['purchases'],
  client: pg.Client,
): Promise<string[]> {
  const existing = quantity(await countPurchases(client, 'all'), 'row');
  if (choice === 'keep') return [`purchases: ${existing} would stay unchanged`];
  const rows = choice === 'sample' ? describeSample() : await describePurchaseFile(choice);
  const file = shortPath(settings, cwd);
  return [
    `purchases: ${rows} would replace ${existing}`,
    `${file}: HISTORY_START and HISTORY_END would be the first and the last day of the purchases`,
  ];
}

async function describeReviews(
  { settings, cwd, state }: SeedInput,
  choice: Choice['reviews'],
): Promise<string[]> {
  const now = await readSetting(settings, reviewsSetting);
  const current = now === undefined ? 'unset' : shortSource(now, cwd);
  if (choice === 'keep') return [`reviews: ${reviewsSetting} would stay ${current}`];
  const source = choice === 'sample' ? sampleFiles(join(state, 'sample')).reviews : choice.source;
  const change = source === now ? 'stay' : 'be';
  const before = source === now ? '' : `; now it is ${current}`;
  const file = choice === 'sample' ? undefined : choice.file;
  return [
    ...(choice === 'sample' ? sampleReviewsText : []),
    ...(file === undefined ? [] : [`reviews: ${describeRows(file, await countRows(file))}`]),
    `${shortPath(settings, cwd)}: ${reviewsSetting} would ${change} ${shortSource(source, cwd)}${before}`,
  ];
}

async function describePurchaseFile(file: InputFile): Promise<string> {
  const rows = await countPurchaseRows(file);
  if (rows === 0) throw noRows(file);
  return describeRows(file, rows);
}

const describeRows = (file: InputFile, rows: number): string =>
  `${file.name} (${fileSize(file.size)}, ${quantity(rows, 'row')})`;

function describeSample(): string {
  const lines = [...purchaseLines(sampleSeed)];
  const size = fileSize(Buffer.byteLength(lines.join('')));
  return `the sample (${size}, ${quantity(lines.length - 1, 'row')})`;
}
