import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { measuredVersions, outdated } from './measured-versions.ts';
import type { SectionFigures } from './section-figures.ts';

const figures = (...projects: [string, string][]): SectionFigures => ({
  section: 'spark',
  date: '2026-01-02',
  code: { commit: 'abc', projects: Object.fromEntries(projects) },
  ...{ machine: {}, isBusy: false, versions: {}, settings: {}, notes: [] },
  entries: [{ name: 'x', kind: 'ours', runs: 1 }],
});

it('figures are outdated after a minor release, not after a patch', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-versions-'));
  const project = join(folder.path, 'packages/emr-clean');
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'package.json'), '{ "version": "1.1.2" }');
  expect(await measuredVersions('spark', folder.path)).toEqual({ 'emr-clean': '1.1.2' });
  expect(await outdated(figures(['emr-clean', '1.1.0']), folder.path)).toEqual([]);
  expect(
    await outdated(figures(['emr-clean', '1.0.9'], ['cleaner', '1.1.2']), folder.path),
  ).toEqual([
    'spark (2026-01-02) measured emr-clean 1.0.9, which is 1.1.2 now: make bench BENCH=spark measures it again',
    'spark (2026-01-02) measured cleaner 1.1.2, which is gone now: make bench BENCH=spark measures it again',
  ]);
});
