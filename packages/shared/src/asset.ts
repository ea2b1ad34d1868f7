/** Files of the workspace that a job ships: SQL and the Spark script, as text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';

/** Put into a bundle by tools/bundle.mjs: path from the workspace's root to content. */
declare const BUNDLED_ASSETS: Readonly<Record<string, string>> | undefined;

/** The text of a file named from the workspace's root; a bundle carries its own, as its package.json lists them. */
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
