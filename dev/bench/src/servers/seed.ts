/** Purchases and reviews for the measured servers, by the sample's own command line. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { parseEnv, promisify } from 'node:util';
import { places, workspace } from '../places.ts';

export interface SeedFiles {
  /** Empty: the sample. Relative to `cwd`. */
  readonly purchases: string;
  readonly reviews: string;
  readonly cwd: string;
}

/** Replaces the purchases of SOURCE_DATABASE_URL; returns the path of the reviews, unpacked. */
export async function seedPurchases(
  env: Readonly<Record<string, string>>,
  { purchases, reviews, cwd }: SeedFiles,
): Promise<string> {
  await promisify(execFile)(
    execPath,
    [
      ...['--disable-warning=ExperimentalWarning', join(workspace, 'dev/sample/src/main.ts')],
      ...['--purchases', purchases, '--reviews', reviews, '--cwd', cwd],
      ...['--state', join(places.work, 'sample'), '--settings', places.seedSettings],
    ],
    { env: { ...env }, cwd: workspace },
  );
  const { REVIEWS_SOURCE } = parseEnv(await readFile(places.seedSettings, 'utf8'));
  if (REVIEWS_SOURCE === undefined) throw new Error(`${places.seedSettings} names no reviews`);
  return REVIEWS_SOURCE;
}
