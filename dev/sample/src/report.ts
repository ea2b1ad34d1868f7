/** The messages of seeding: plain lines of up to about 100 columns. */
import { sampleDays } from './data/calendar.ts';
import type { Choice } from './load/choice.ts';
import type { InputFile, Progress } from './load/input-file.ts';
import type { LoadedPurchases } from './load/load-purchases.ts';
import { shortPath } from './short-path.ts';

/** E.g. 1 row, 2,000 rows. */
export const quantity = (value: number, what: string): string =>
  `${value.toLocaleString('en')} ${what}${value === 1 ? '' : 's'}`;

/** E.g. 12 kB, 1,234.5 MB. */
export function fileSize(bytes: number): string {
  if (bytes < 1e5) return `${Math.ceil(bytes / 1e3)} kB`;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${(bytes / 1e6).toLocaleString('en', digits)} MB`;
}

/** A path or address that REVIEWS_SOURCE holds, for messages. */
export const shortSource = (source: string, cwd: string): string =>
  source.startsWith('s3://') ? source : shortPath(source, cwd);

/** What the sample is used for, and how to load other files. */
export function sampleText({ purchases, reviews }: Choice): string {
  const halves = Object.entries({ purchases, reviews })
    .filter(([, choice]) => choice === 'sample')
    .map(([half]) => half);
  const variables = halves.map((half) => `${half.toUpperCase()}=…`).join(' and ');
  const verb = halves.length === 1 ? 'loads' : 'load';
  return `the sample is used for ${halves.join(' and ')}; ${variables} ${verb} your own`;
}

export function progressText(file: InputFile, { onDisk, unpacked }: Progress): string {
  const share = Math.floor((100 * onDisk) / file.size);
  return `purchases: ${fileSize(unpacked)} read, ${share} %`;
}

export function purchasesText(loaded: LoadedPurchases): string {
  const { rows, days, first, last, bytes, seconds } = loaded;
  const amount = `${quantity(rows, 'row')}, ${quantity(days, 'day')} from ${first} to ${last}`;
  return `purchases: ${amount}, ${fileSize(bytes)} in ${seconds.toFixed(1)} s`;
}

export const sampleReviewsText = [
  `reviews: one file a day from ${sampleDays.at(0) ?? ''} to ${sampleDays.at(-1) ?? ''}; other days have none`,
  'reviews: one line a day is broken on purpose; emr-clean rejects it',
] as const;
