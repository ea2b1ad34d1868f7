/** Whether a program uses numpy. If it is installed, pyspark imports it at each start, which takes 80 ms of CPU time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for PYTHONPATH in which numpy is missing. */
export const withoutNumpy = join(import.meta.dirname, 'without-numpy');

/** numpy itself, and modules that need it. */
const names = /numpy|pandas|scipy|sklearn|\bml(?:lib)?\b/;

/** True if one of the files names it outside of its comments, or is no Python text. */
export async function usesNumpy(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    if (/\.(?:zip|egg|whl|tar|gz|tgz)$/.test(file)) return true;
    if (!file.endsWith('.py')) continue;
    const text = await readFile(file, 'utf8').catch(() => 'numpy');
    if (names.test(text.replaceAll(/#.*$/gm, ''))) return true;
  }
  return false;
}
