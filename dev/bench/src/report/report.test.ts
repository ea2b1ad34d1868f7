import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeReport } from './report.ts';
import { saveResult, type Entry, type Result } from '../result.ts';

const runs = (...walls: number[]) => walls.map((wall) => ({ wall, cpu: wall / 2, memory: 5e7 }));

const kept = (section: Result['section'], entries: Entry[], notes: string[] = []): Result => ({
  section,
  date: '2026-01-02',
  machine: { memory: '8 GiB' },
  versions: { node: '24.0.0' },
  settings: { rounds: '3' },
  notes,
  entries,
});

async function pageOf(...results: readonly Result[]) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-report-'));
  try {
    for (const result of results) await saveResult(join(folder, 'results'), result);
    await writeReport(join(folder, 'results'), join(folder, 'docs'));
    const page = await readFile(join(folder, 'docs/benchmarks.md'), 'utf8');
    const plots = [...page.matchAll(/\]\((benchmarks\/[\w-]+\.svg)\)/g)].map(
      ([, path = '']) => path,
    );
    const drawn = await Promise.all(
      plots.map((path) => readFile(join(folder, 'docs', path), 'utf8')),
    );
    return { page, plots, drawn };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const cells = (page: string, name: string) =>
  (page.split('\n').find((line) => line.includes(name)) ?? '')
    .split('|')
    .map((cell) => cell.trim());

describe('the report', () => {
  it('shows medians and their ratio to the baseline of the same section', async () => {
    const { page, plots, drawn } = await pageOf(
      kept('big', [
        { name: 'psql', kind: 'floor', runs: runs(2, 9, 1) },
        { name: 'ours', kind: 'ours', runs: runs(3, 2, 1.5), rows: 1234, sameAsPostgres: true },
      ]),
    );
    expect(cells(page, '**ours**').slice(1)).toEqual([
      '**ours**',
      '1.00',
      '2.00 (1.50–3.00)',
      '1.00',
      '',
      '50 MB',
      '1,234',
      'yes',
      '3',
      '',
    ]);
    expect(plots).toEqual(['benchmarks/big.svg']);
    expect(drawn[0]).toContain('ours');
  });

  it('compares entries of the same size, and shows no ratio without a baseline', async () => {
    const { page } = await pageOf(
      kept('growth', [
        { name: 'psql', kind: 'floor', size: 10, runs: runs(1) },
        { name: 'ours', kind: 'ours', size: 10, runs: runs(2) },
        { name: 'psql', kind: 'floor', size: 100, runs: runs(10) },
        { name: 'other', kind: 'ours', size: 100, runs: runs(5) },
        { name: 'redshift-load, one day', kind: 'ours', size: 1, runs: runs(1) },
      ]),
    );
    expect(cells(page, '**ours**')[3]).toBe('2.00');
    expect(cells(page, '**other**')[3]).toBe('0.50');
    expect(cells(page, '**redshift-load')[3]).toBe('–');
  });

  it('has its sections in a fixed order, each with its notes and its machine', async () => {
    const entry: Entry = { name: 'x', kind: 'ours', runs: runs(1) };
    const { page } = await pageOf(kept('spark', [entry]), kept('big', [entry], ['No psql here.']));
    expect(page.indexOf('## A big day')).toBeLessThan(page.indexOf('## Cleaning'));
    expect(page).toContain('No psql here.');
    expect(page).toContain('_2026-01-02. memory 8 GiB. rounds 3. node 24.0.0._');
  });

  it('warns about figures from a busy machine', async () => {
    const result = kept('big', [{ name: 'x', kind: 'ours', runs: runs(1) }]);
    const on = (load: string) =>
      pageOf({ ...result, machine: { processor: '2 × Some', 'load before': load } });
    expect((await on('1.50 0.20')).page).toContain('**The machine was busy (load 1.5 on 2');
    expect((await on('0.90 7.00')).page).not.toContain('busy');
  });
});
