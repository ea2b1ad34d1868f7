/** Seeds the source database as `make seed` does. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { parseEnv, promisify } from 'node:util';

type Environment = Readonly<Record<string, string>>;

const main = join(import.meta.dirname, '../../sample/src/main.ts');

/**
 * Loads the sample, or the files named in `argv`. Returns the variables with REVIEWS_SOURCE added; for the
 * sample it contains `{ds}`, and the days from 2010-12-01 to 2010-12-10 have a file.
 */
export async function seeded(
  env: Environment,
  folder: string,
  ...argv: readonly string[]
): Promise<Environment> {
  const settings = join(folder, '.env.local');
  const options = ['--state', folder, '--settings', settings, ...argv];
  await promisify(execFile)(execPath, [main, ...options], { env });
  const { REVIEWS_SOURCE = '' } = parseEnv(await readFile(settings, 'utf8'));
  return { ...env, REVIEWS_SOURCE };
}
