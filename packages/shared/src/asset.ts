/** Reads the files that a program ships as text, e.g. SQL and the Spark script. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';

/** Defined by tools/bundle.mjs in a bundle: content by path. */
declare const BUNDLED_ASSETS: Readonly<Record<string, string>> | undefined;

const root = join(import.meta.dirname, '../../..');

/** Whether this program is a bundle, not the source in a checkout. */
export const isBundle = (): boolean => typeof BUNDLED_ASSETS !== 'undefined';

/** The names of the files in a folder that the job ships, in order. */
export function assetNames(folder: string): readonly string[] {
  if (typeof BUNDLED_ASSETS === 'undefined') return readdirSync(join(root, folder)).sort();
  return Object.keys(BUNDLED_ASSETS)
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
    .sort();
}

/** Reads a file by its path from the workspace's root. In a bundle, the job's package.json lists the files. */
export function asset(path: string): string {
  if (typeof BUNDLED_ASSETS === 'undefined') {
    return readFileSync(join(root, path), 'utf8');
  }
  const text = BUNDLED_ASSETS[path];
  if (text === undefined) {
    throw new Failure(
      'bug',
      `${path} is not in this bundle; expected it under "assets" in the package.json of the job`,
    );
  }
  return text;
}
