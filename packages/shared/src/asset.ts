/** Reads the files that a job ships as text: SQL and the Spark script. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';

/** Defined by tools/bundle.mjs in a bundle: content by path. */
declare const BUNDLED_ASSETS: Readonly<Record<string, string>> | undefined;

/** Reads a file by its path from the workspace's root. In a bundle, the job's package.json lists the files. */
export function asset(path: string): string {
  if (typeof BUNDLED_ASSETS === 'undefined') {
    return readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
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
