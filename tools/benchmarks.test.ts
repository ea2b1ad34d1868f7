/** Every document has the figures of docs/benchmarks/*.json, and none is older than the release before the last. */
import { documents } from '@user-behaviour/bench/published/documents';
import { outdated } from '@user-behaviour/bench/published/releases';
import { readStore } from '@user-behaviour/bench/published/section-figures';
import { expect, it } from 'vitest';
import { paths, root, text } from './workspace-files.ts';

const store = await readStore(root);
const written = documents(root, store);

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
  expect(paths('docs/benchmarks/*.svg')).toEqual(
    [...written.keys()].filter((path) => path.endsWith('.svg')).sort(),
  );
});

it.each([...store.values()])(
  'the section $section has measured the last release, the one before, or later code',
  async (figures) => {
    expect(await outdated(figures)).toEqual([]);
  },
);
