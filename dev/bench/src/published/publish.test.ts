import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Result } from '../result.ts';
import { writeDocuments } from './documents.ts';
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

it('publishes medians to the page and to what quotes it; a busy machine does not replace a quiet one', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-publish-'));
  const root = folder.path;
  await mkdir(join(root, 'docs/adr'), { recursive: true });
  const quote = (value: string) =>
    `It takes <!-- bench big / ours / ratio -->${value}<!-- end -->.\n`;
  await writeFile(join(root, 'README.md'), quote('?'));
  await writeFile(join(root, 'docs/adr/0001.md'), quote('as it was'));
  const lines: string[] = [];
  const published = async (next: Result) => {
    await publish(next, root, [], (line) => lines.push(line));
    await writeDocuments(root);
    return readFile(join(root, 'README.md'), 'utf8');
  };

  await publish(result('2026-01-01', true, [8]), root, [], () => undefined);
  expect(await published(result('2026-01-02', false, [1, 4, 2]))).toBe(quote('1.00'));
  expect(await published(result('2026-01-02', false, [1, 4, 2]))).toBe(quote('1.00'));
  expect(lines).toEqual([]);
  expect(await published(result('2026-01-03', true, [9]))).toBe(quote('1.00'));
  expect(lines).toEqual([
    'docs/benchmarks keeps its figures of big: the machine was busy, but not on 2026-01-02',
  ]);

  await publish(result('2026-01-04', false, [9]), root, ['ROUNDS is below 7'], (line) =>
    lines.push(line),
  );
  expect(lines.at(-1)).toBe('docs/benchmarks keeps its figures of big: ROUNDS is below 7');

  const later = result('2026-01-05', false, [9]);
  await publish({ ...later, entries: later.entries.slice(1) }, root, [], (line) =>
    lines.push(line),
  );
  expect(lines.at(-1)).toBe('docs/benchmarks keeps its figures of big: psql is missing');

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
});

it('a file of the store with another form is named', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-publish-'));
  await mkdir(join(folder.path, 'docs/benchmarks'), { recursive: true });
  await writeFile(join(folder.path, 'docs/benchmarks/small.json'), '{}');
  await expect(readStore(folder.path)).rejects.toThrow(/small\.json does not have the form/);
});
