/** Splits a file of reviews into days. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dayAfter } from './day-range.ts';

/**
 * Writes one file per day, each with the header, and returns their path with `{ds}` for the day. One line is
 * one review. Every day gets the same number of reviews, plus or minus one.
 */
export async function splitReviews(
  file: string,
  folder: string,
  first: string,
  days: number,
): Promise<string> {
  const [header = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < days; at += 1) {
    const own = lines.slice(
      Math.floor((at * lines.length) / days),
      Math.floor(((at + 1) * lines.length) / days),
    );
    const name = `${dayAfter(first, at)}.csv`;
    await writeFile(join(folder, name), [header, ...own, ''].join('\n'));
  }
  return join(folder, '{ds}.csv');
}
