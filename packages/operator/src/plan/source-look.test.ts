import { describe, expect, it } from 'vitest';
import { lookedDays, lookTotals } from './source-look.ts';

const line = { job: 'extract-purchases', run: 'r' };
const look = (ds: string, verdict: string, rows = 2) => ({
  ...line,
  ...{ ds, status: 'looked', verdict, rows, hash: 'record:00000000000000aa', exit: 0 },
});
const failed = { ...line, ds: '2010-12-03', status: 'failed', kind: 'data', exit: 65 };

describe('what the job said of a look', () => {
  it('is a verdict a day; a day with an unreadable manifest has none', () => {
    const days = [look('2010-12-01', 'changed'), look('2010-12-02', 'same'), failed];
    const found = lookedDays({ exit: 65, days });
    expect(found.map(({ ds, verdict }) => [ds, verdict])).toEqual([
      ['2010-12-01', 'changed'],
      ['2010-12-02', 'same'],
    ]);
    expect(lookTotals(found)).toBe(
      '2 days looked at: 1 changed at the source, 1 the same, 0 not published',
    );
  });

  it('names the days that nobody can tell, and what to do', () => {
    const days = lookedDays({ exit: 0, days: [look('2010-12-01', 'unknown')] });
    expect(lookTotals(days)).toContain('1 day looked at: 0 changed');
    expect(lookTotals(days)).toMatch(/1 unknown: .*; backfill them once$/);
  });

  it('is a failure if no day could be looked at', () => {
    expect(() => lookedDays({ exit: 75, days: [{ ...failed, exit: 75 }] })).toThrow(
      'extract-purchases --look ended with exit 75',
    );
  });
});
