/** The file with the local cloud's variables, for Nx, Make and people. */
import { chmodSync } from 'node:fs';
import { readIfExists, writeAtomically } from './atomic-file.ts';
import { ownNames, type Environment } from './environment.ts';

/**
 * Writes plain `KEY=value` lines and keeps lines with other names: seeding adds REVIEWS_SOURCE and the days of
 * history, and people add their own settings. Writes nothing if nothing has changed. Only the owner may read it.
 */
export function writeEnvironmentFile(
  path: string,
  environment: Environment,
  removed: readonly string[] = [],
): void {
  const before = readIfExists(path) ?? '';
  const after = withEnvironment(before, environment, removed);
  if (after !== before) writeAtomically(path, after);
  else if (before !== '') chmodSync(path, 0o600);
}

/** The new text of the file: our lines first, then all others but the `removed` ones. */
export function withEnvironment(
  text: string,
  environment: Environment,
  removed: readonly string[] = [],
): string {
  const replaced: readonly string[] = [...ownNames, ...removed];
  const others = text.split('\n').filter((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf('='))).trim();
    return line.trim() !== '' && !replaced.includes(name);
  });
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [...lines, ...others].map((line) => `${line}\n`).join('');
}
