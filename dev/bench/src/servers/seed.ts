/** Loads purchases and reviews into the measured servers, with the command line of dev/sample. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execPath } from 'node:process';
import { parseEnv, promisify } from 'node:util';
import { paths, workspace } from '../paths.ts';
import { bigDay } from './source-database.ts';

export interface SeedFiles {
  /** Relative to `cwd`; the sample if empty. */
  readonly purchases: string;
  readonly reviews: string;
  readonly cwd: string;
}

/** Of the contents of the files; undefined for the sample. @throws if a file cannot be read. */
export function digestsOf({ purchases, reviews, cwd }: SeedFiles): Promise<(string | undefined)[]> {
  const digests = [purchases, reviews].map(async (path) => {
    if (path === '') return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(resolve(cwd, path)), hash);
    return hash.digest('hex');
  });
  return Promise.all(digests);
}

/**
 * Replaces the purchases of SOURCE_DATABASE_URL. Returns the path of the unpacked reviews; of the sample's, which
 * has a file a day, the file of the big day.
 */
export async function seedSource(
  env: Readonly<Record<string, string>>,
  { purchases, reviews, cwd }: SeedFiles,
): Promise<string> {
  await promisify(execFile)(
    execPath,
    [
      ...['--disable-warning=ExperimentalWarning', join(workspace, 'dev/sample/src/main.ts')],
      ...['--purchases', purchases, '--reviews', reviews, '--cwd', cwd],
      ...['--state', join(paths.work, 'sample'), '--settings', paths.seedSettings],
    ],
    { env: { ...env }, cwd: workspace },
  );
  const { REVIEWS_SOURCE } = parseEnv(await readFile(paths.seedSettings, 'utf8'));
  if (REVIEWS_SOURCE === undefined)
    throw new Error(`${paths.seedSettings} does not set REVIEWS_SOURCE`);
  return REVIEWS_SOURCE.replaceAll('{ds}', bigDay);
}
