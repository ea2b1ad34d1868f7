/** The file from which Nx, and whoever wants to, takes the local cloud's variables. */
import { readIfThere, writeAtomically } from './atomic-file.ts';
import { ownNames, type Environment } from './environment.ts';

/**
 * Plain `KEY=value` lines. Lines of other names stay as they are: seeding adds REVIEWS_SOURCE, people
 * their own settings. Nothing is written when nothing changes.
 */
export function writeEnvironmentFile(path: string, environment: Environment): void {
  const before = readIfThere(path);
  const after = withEnvironment(before ?? '', environment);
  if (after !== before) writeAtomically(path, after);
}

/** The text of the file with our lines first, each once, and those of others behind them. */
export function withEnvironment(text: string, environment: Environment): string {
  const own: readonly string[] = ownNames;
  const others = text.split('\n').filter((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf('='))).trim();
    return line.trim() !== '' && !own.includes(name);
  });
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [...lines, ...others, ''].join('\n');
}
