import { describe, expect, it } from 'vitest';
import { strftimeFormat } from './date-format.ts';

describe('strftimeFormat', () => {
  it.each([
    ['YYYY-MM-DD', '%Y-%m-%d'],
    ['yyyymmdd', '%Y%m%d'],
    ['DD Mon YY HH24:MI:SS', '%d %b %y %H:%M:%S'],
    ['"day "DDD "100%"', 'day %j 100%%'],
  ])('%s', (redshift, duckdb) => {
    expect(strftimeFormat(redshift)).toBe(duckdb);
  });

  it('rejects an unknown part', () => {
    expect(() => strftimeFormat('YYYY-Q')).toThrow('not supported here at "Q"');
  });
});
