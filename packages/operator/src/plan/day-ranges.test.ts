import { describe, expect, it } from 'vitest';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { consecutiveRanges, tellDays } from './day-ranges.ts';

const days = ['2010-12-30', '2010-12-31', '2011-01-01', '2011-01-03', '2011-01-05'].map((ds) =>
  parseDs(ds),
);

describe('ranges of neighbours', () => {
  it('are cut where a day is missing', () => {
    expect(consecutiveRanges(days, 'oldest-first')).toEqual([
      ['2010-12-30', '2010-12-31', '2011-01-01'],
      ['2011-01-03'],
      ['2011-01-05'],
    ]);
    expect(consecutiveRanges([], 'oldest-first')).toEqual([]);
  });

  it('come newest first, each ascending', () => {
    expect(consecutiveRanges(days, 'newest-first', 2)).toEqual([
      ['2011-01-05'],
      ['2011-01-03'],
      ['2010-12-31', '2011-01-01'],
      ['2010-12-30'],
    ]);
  });

  it('have at most what goes into one Spark application', () => {
    const years = dsRange(parseDs('2010-12-01'), parseDs('2013-01-01'));
    const lengths = consecutiveRanges(years, 'oldest-first').map((range) => range.length);
    expect(lengths).toEqual([500, years.length - 500]);
  });
});

describe('days for people', () => {
  it('are written as ranges, however long they are', () => {
    expect(tellDays(days)).toBe('2010-12-30 to 2011-01-01, 2011-01-03, 2011-01-05');
    const years = dsRange(parseDs('2010-12-01'), parseDs('2013-01-01'));
    expect(tellDays(years)).toBe('2010-12-01 to 2013-01-01');
    expect(tellDays([])).toBe('');
  });
});
