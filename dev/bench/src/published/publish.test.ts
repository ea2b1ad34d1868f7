import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Result } from '../result.ts';
import { publish } from './publish.ts';
import { readStore } from './section-figures.ts';

const result = (date: string, isBusy: boolean, walls: readonly number[]): Result => ({
  section: 'big',
  date,
  code: { commit: 'abc', projects: { 'extract-purchases': '1.0.0' } },
  ...{ machine: {}, versions: {}, settings: {}, notes: [], isBusy },
  circumstances: 'these',
  entries: [
    { name: 'psql', kind: 'floor', runs: [{ wall: 2 }, { wall: 2 }] },
    { name: 'ours', kind: 'ours', runs: walls.map((wall) => ({ wall, cpu: wall / 2 })) },
  ],
});

it('publishes medians to the page and to what quotes it, unless the figures that are there say more', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-publish-'));
  const root = folder.path;
  const project = join(root, 'packages/extract-purchases');
  for (const path of [project, join(root, 'docs/adr')]) await mkdir(path, { recursive: true });
  const release = (version: string) =>
    writeFile(join(project, 'package.json'), JSON.stringify({ version }));
  const quote = (value: string) =>
    `It takes <!-- bench big / ours / ratio -->${value}<!-- end -->.\n`;
  await release('1.0.0');
  await writeFile(join(root, 'README.md'), quote('?'));
  await writeFile(join(root, 'docs/adr/0001.md'), quote('as it was'));
  const lines: string[] = [];
  const published = async (next: Result, trial: readonly string[] = []) => {
    await publish(next, root, trial, (line) => lines.push(line));
    return readFile(join(root, 'README.md'), 'utf8');
  };

  // It would be saved, but the document could not be written.
  expect(await published(result('2026-01-01', true, [8]))).toBe(quote('?'));
  expect(lines.splice(0)).toEqual([
    expect.stringMatching(
      /^docs\/benchmarks keeps .* of big: README\.md: .* is from a busy machine/,
    ),
  ]);
  expect((await readStore(root)).size).toBe(0);

  expect(await published(result('2026-01-02', false, [1, 4, 2]))).toBe(quote('1.00'));
  expect(await published(result('2026-01-02', false, [1, 4, 2]))).toBe(quote('1.00'));
  expect(lines).toEqual([]);

  const later = result('2026-01-05', false, [9]);
  const [psql, ours] = later.entries;
  if (psql === undefined || ours === undefined) throw new Error('no entries');
  const worse: [Result, string[], string][] = [
    [result('2026-01-03', true, [9]), [], 'the machine was busy, but not on 2026-01-02'],
    [later, ['ROUNDS is below 7'], 'ROUNDS is below 7'],
    [{ ...later, entries: [ours] }, [], 'psql is missing'],
    [{ ...later, entries: [psql, { ...ours, rows: 5 }] }, [], 'ours has 5 rows instead of no'],
  ];
  for (const [next, trial, reason] of worse) {
    expect(await published(next, trial)).toBe(quote('1.00'));
    expect(lines.at(-1)).toBe(`docs/benchmarks keeps its figures of big: ${reason}`);
  }

  expect((await readStore(root)).get('big')).toMatchObject({
    date: '2026-01-02',
    isBusy: false,
    entries: [
      { name: 'psql', runs: 2, time: { median: 2, low: 2, high: 2 }, ratio: 1 },
      { name: 'ours', runs: 3, time: { median: 2, low: 1, high: 4 }, ratio: 1, cpu: 1 },
    ],
  });
  const page = await readFile(join(root, 'docs/benchmarks.md'), 'utf8');
  expect(page).toContain('2.00 (1.00–4.00)');
  expect(page).not.toContain('The machine was busy');
  expect(await readFile(join(root, 'docs/adr/0001.md'), 'utf8')).toBe(quote('as it was'));

  await release('1.1.0');
  const onBusy = `On a <!-- bench big / machine -->busy<!-- end --> machine. ${quote('4.50')}`;
  await writeFile(join(root, 'README.md'), onBusy);
  expect(await published(result('2026-01-06', true, [9]))).toBe(onBusy);
  expect((await readStore(root)).get('big')).toMatchObject({ date: '2026-01-06', isBusy: true });
});

it('a file of the store with another form is named', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-publish-'));
  await mkdir(join(folder.path, 'docs/benchmarks'), { recursive: true });
  await writeFile(join(folder.path, 'docs/benchmarks/small.json'), '{}');
  await expect(readStore(folder.path)).rejects.toThrow(/small\.json does not have the form/);
});
