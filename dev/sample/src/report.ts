/** The messages of seeding. */
import type { InputFile, Progress } from './load/input-file.ts';
import type { LoadedPurchases } from './load/load-purchases.ts';

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export function progressText(file: InputFile, { onDisk, unpacked }: Progress): string {
  const share = Math.floor((100 * onDisk) / file.size);
  return `purchases: ${megabytes(unpacked)} MB read, ${share} %`;
}

export function purchasesText(loaded: LoadedPurchases): string {
  const { rows, days, first, last, bytes, seconds } = loaded;
  const speed = `${megabytes(bytes)} MB in ${seconds.toFixed(1)} s, ${megabytes(bytes / seconds)} MB/s`;
  return `purchases: ${rows.toLocaleString('en')} rows, ${days} days from ${first} to ${last}, ${speed}`;
}
