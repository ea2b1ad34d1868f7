import { describe, expect, it } from 'vitest';
import { summarise } from '../published/summarise.ts';
import type { Entry, Result } from '../result.ts';
import { sections } from '../settings.ts';
import { renderReport } from './report.ts';

const runs = (...walls: number[]) => walls.map((wall) => ({ wall, cpu: wall / 2, memory: 5e7 }));

const kept = (section: Result['section'], entries: Entry[], notes: string[] = []): Result => ({
  section,
  date: '2026-01-02',
  code: { commit: 'abc', projects: { 'emr-clean': '1.2.3' } },
  machine: { memory: '8 GiB' },
  isBusy: false,
  circumstances: 'this commit',
  versions: { node: '24.0.0' },
  settings: { rounds: '3' },
  notes,
  entries,
});

function pageOf(...results: readonly Result[]) {
  const figures = results.map((result) => [result.section, summarise(result)] as const);
  const inOrder = figures.toSorted(([a], [b]) => sections.indexOf(a) - sections.indexOf(b));
  const files = renderReport(new Map(inOrder));
  const page = files.get('benchmarks.md') ?? '';
  const plots = [...page.matchAll(/\]\((benchmarks\/[\w-]+\.svg)\)/g)].map(([, path = '']) => path);
  return { page, plots, drawn: plots.map((path) => files.get(path)) };
}

const cells = (page: string, name: string) =>
  (page.split('\n').find((line) => line.includes(name)) ?? '')
    .split('|')
    .map((cell) => cell.trim());

describe('the report', () => {
  it('shows medians and their ratio to the baseline of the same section', () => {
    const { page, plots, drawn } = pageOf(
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

  it('compares entries of the same size, and shows no ratio without a baseline', () => {
    const { page } = pageOf(
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

  it('has its sections in a fixed order, each with its notes and its machine', () => {
    const entry: Entry = { name: 'x', kind: 'ours', runs: runs(1) };
    const { page } = pageOf(kept('spark', [entry]), kept('big', [entry], ['No psql here.']));
    expect(page.indexOf('## A big day')).toBeLessThan(page.indexOf('## Cleaning'));
    expect(page).toContain('No psql here.');
    expect(page).toContain(
      '_2026-01-02. code abc (emr-clean 1.2.3). memory 8 GiB. rounds 3. node 24.0.0._',
    );
  });

  it('shows what the jobs cost the shop, beside the shop alone', () => {
    const shop = (tps: number, kept?: number) => ({
      wall: 20,
      serverCpu: 10,
      shop: { tps, transactions: tps * 20, p99: 2.55 },
      log: { written: 1_234.4, ...(kept !== undefined && { kept }) },
      jobRuns: kept === undefined ? 0 : 9,
    });
    const { page, plots } = pageOf(
      kept('source', [
        { name: 'nothing', kind: 'floor', runs: [shop(2_000), shop(1_000), shop(2_000)] },
        {
          name: 'capture',
          kind: 'ours',
          runs: [shop(1_500, 9e6), shop(1_000, 11e6), shop(1_600, 10e6)],
        },
      ]),
    );
    expect(cells(page, '**capture**').slice(1)).toEqual([
      '**capture**',
      '9',
      '1,500 (1,000–1,600)',
      '0.80',
      '2.5',
      '0.33',
      '1,234 B',
      '10 MB',
      '3',
      '',
    ]);
    expect(cells(page, '| nothing')[8]).toBe('');
    expect(plots).toEqual([]);
  });

  it('warns about figures from a busy machine', () => {
    const result = kept('big', [{ name: 'x', kind: 'ours', runs: runs(1) }]);
    expect(pageOf({ ...result, isBusy: true }).page).toContain('**The machine was busy:');
    expect(pageOf(result).page).not.toContain('busy');
  });
});
