/** Every document has the figures of docs/benchmarks/*.json. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workspace } from '../src/paths.ts';
import { documents } from '../src/published/documents.ts';
import { readStore } from '../src/published/section-figures.ts';
import { sections } from '../src/settings.ts';

const store = await readStore(workspace);
const written = documents(workspace, store);
const text = (path: string): string => readFileSync(join(workspace, path), 'utf8');

it('every section has figures', () => {
  expect([...store.keys()]).toEqual(sections);
});

it.each([...written.keys()])(
  '%s has the current figures: make bench-report writes them',
  (path) => {
    expect(text(path)).toBe(written.get(path));
  },
);

it('the documents that quote figures are among them, and no plot is left over', () => {
  expect([...written.keys()]).toEqual(
    expect.arrayContaining(['README.md', 'docs/speed.md', 'docs/scale.md', 'docs/benchmarks.md']),
  );
  expect(globSync('docs/benchmarks/*.svg', { cwd: workspace }).sort()).toEqual(
    [...written.keys()].filter((path) => path.endsWith('.svg')).sort(),
  );
});
