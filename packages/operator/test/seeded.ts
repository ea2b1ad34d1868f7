/** The generated sample, loaded as `make seed` does it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

type Environment = Readonly<Record<string, string>>;

const sample = join(import.meta.dirname, '../../../dev/sample/src/main.ts');

/** The variables after `make up seed`. */
export async function seeded(env: Environment, folder: string): Promise<Environment> {
  const settings = join(folder, '.env.local');
  const state = ['--state', folder, '--settings', settings];
  await promisify(execFile)(process.execPath, [sample, ...state], { env });
  const source = /^REVIEWS_SOURCE=(.*)$/m.exec(await readFile(settings, 'utf8'))?.[1] ?? '';
  return { ...env, REVIEWS_SOURCE: source };
}
