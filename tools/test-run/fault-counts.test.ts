import { appendFile, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultSum, readFaultCounts } from './fault-counts.mjs';
import { readReports } from './test-counts.mjs';
import { text } from '../workspace-files.ts';

const line = (told: string, counts: object) => `${JSON.stringify({ line: told, counts })}\n`;

describe('the counts of the faults', () => {
  it('are summed over all suites, and a kind that no suite counted is not zero', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reports-'));
    const file = join(folder.path, 'fault-counts.jsonl');
    const half = line('killed', { survived: 1 }).slice(0, -5);
    await appendFile(file, line('b', { 'faults injected': 8, survived: 7, 'lost rows': 2 }));
    await appendFile(file, line('a', { 'faults injected': 3, survived: 3, 'lost rows': 0 }));
    await appendFile(file, line('c, without any', {}));
    await appendFile(file, half);
    const reports = readFaultCounts(folder.path);
    expect(reports.map((one) => one.line)).toEqual(['a', 'b', 'c, without any']);
    expect(faultSum(reports)).toBe(
      'faults, summed over the suites: no count of effects named, 11 faults injected, 10 survived, ' +
        'no count of interleavings, no count of orphans after sweep, 2 lost rows, no count of doubled rows',
    );
    // It lies beside the reports of the tests and is none of them.
    expect(readReports(folder.path)).toEqual([]);
  });

  it('are none where no suite left any', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reports-'));
    expect(readFaultCounts(folder.path)).toEqual([]);
  });

  it('have the names that the suites report', () => {
    const named = [...text('dev/faults/src/counts.ts').matchAll(/'([a-z ]+)'/g)];
    const told = faultSum([
      { counts: Object.fromEntries(named.map(([, kind = '']) => [kind, 1])) },
    ]);
    expect(named).toHaveLength(7);
    expect(told).not.toContain('no count of');
  });
});
