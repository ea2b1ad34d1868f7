import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SectionFigures } from './section-figures.ts';
import { measuredVersions, outdated, releasesSince } from './releases.ts';

const changelog = `# 1.0.0 (2026-03-03)

### Changes

- something since 0.1.0

## 0.3.0 (2026-02-02)

## 0.2.0 (2026-01-01)
`;

describe('the releases since a version', () => {
  it.each([
    ['1.0.0', 0],
    ['0.3.0', 1],
    ['0.2.0', 2],
    ['0.1.0', 3],
  ])('%s: %i', (version, releases) => {
    expect(releasesSince(version, changelog)).toBe(releases);
  });

  it('are none without a changelog', () => {
    expect(releasesSince('0.1.0', '')).toBe(0);
  });
});

describe('the figures of a section', () => {
  const figures = (version: string): SectionFigures => ({
    section: 'spark',
    date: '2026-01-02',
    code: { commit: 'abc', projects: { 'emr-clean': version } },
    ...{ machine: {}, isBusy: false, versions: {}, settings: {}, notes: [] },
    entries: [{ name: 'x', kind: 'ours', runs: 1 }],
  });

  it('may be one release old, not two', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-releases-'));
    const project = join(folder.path, 'packages/emr-clean');
    await mkdir(project, { recursive: true });
    await writeFile(join(project, 'package.json'), '{ "version": "1.0.0" }');
    await writeFile(join(project, 'CHANGELOG.md'), changelog);
    expect(await measuredVersions('spark', folder.path)).toEqual({ 'emr-clean': '1.0.0' });
    expect(await outdated(figures('1.0.0'), folder.path)).toEqual([]);
    expect(await outdated(figures('0.3.0'), folder.path)).toEqual([]);
    expect(await outdated(figures('0.2.0'), folder.path)).toEqual([
      'spark (2026-01-02) measured emr-clean 0.2.0, 2 releases before 1.0.0: run make bench BENCH=spark on a quiet machine',
    ]);
  });
});
