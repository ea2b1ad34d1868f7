/** The files that the repository holds: what was installed or made is left out. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const made = new Set([
  'node_modules',
  'dist',
  'out-tsc',
  '.git',
  '.local',
  '.nx',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
]);

/** Paths from the workspace's root, sorted; folders as well, where the pattern fits them. */
export function paths(pattern: string): readonly string[] {
  return globSync(pattern, {
    cwd: root,
    exclude: (path) => made.has(path.split('/').at(-1) ?? ''),
  })
    .filter((path) => !path.split('/').some((part) => made.has(part)))
    .sort();
}

export const text = (path: string): string => readFileSync(join(root, path), 'utf8');

/** TypeScript without its comments. */
export const code = (path: string): string =>
  text(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1');

/** The source of a package, without its tests. */
export const sources = (project: string): readonly string[] =>
  paths(`{packages,dev}/${project}/src/**/*.ts`).filter((path) => !path.endsWith('.test.ts'));
