import { describe, expect, it } from 'vitest';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Day } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import { rangeParameters } from '../load/transaction.ts';
import { changesOneOf, namePrefixes, rangeName, statementName } from './names.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');

function daysFrom(first: string, count: number): readonly Day[] {
  let ds = parseDs(first);
  return Array.from({ length: count }, () => {
    const day = { ds, run: 'run-1', log, record: new DayNotes() };
    ds = nextDs(ds);
    return day;
  });
}
const days = daysFrom('2010-12-01', 3);
const [first] = days as [Day];

describe('a statement', () => {
  it('is named by job, day, run and step', () => {
    expect(statementName(first, 'load-1')).toBe('redshift-load/2010-12-01/run-1/load-1');
  });

  it('about several days is named by the first and the last, whatever their order', () => {
    const newestFirst = days.toReversed();
    expect(rangeName(days, 'loaded')).toBe(
      'redshift-load/days/2010-12-01..2010-12-03/run-1/loaded',
    );
    expect(rangeName(newestFirst, 'loaded')).toBe(rangeName(days, 'loaded'));
    expect(rangeParameters(newestFirst)).toEqual({ first_ds: '2010-12-01', last_ds: '2010-12-03' });
    expect(rangeName([first], 'loaded')).toBe('redshift-load/2010-12-01/run-1/loaded');
  });
});

describe('the names of statements about some days', () => {
  it.each([
    [daysFrom('2010-12-01', 1), 'redshift-load/2010-12-01/'],
    [daysFrom('2010-12-01', 9), 'redshift-load/2010-12-0'],
    [daysFrom('2010-12-30', 4), 'redshift-load/201'],
  ])('begin with one of the prefixes', (some, own) => {
    const prefixes = namePrefixes(some);
    expect(prefixes).toEqual([own, 'redshift-load/days/']);
    const names = [...some.map((day) => statementName(day, 'load-1')), rangeName(days, 'loaded')];
    for (const name of names) expect(prefixes.some((one) => name.startsWith(one))).toBe(true);
  });

  it.each([
    ['2010-12-03/r/partitions-1', true],
    ['2010-12-03/r/load-12', true],
    ['2010-12-04/r/load-1', false],
    ['days/2010-11-01..2010-12-01/r/partitions-1', true],
    ['days/2010-12-02..2010-12-09/r/partitions-2', true],
    ['days/2010-11-01..2010-12-31/r/partitions-1', true],
    ['days/2010-11-01..2010-11-30/r/partitions-1', false],
    ['days/2010-12-04..2010-12-05/r/partitions-1', false],
    ['2010-12-03/r/loaded', false],
    ['2010-12-03/r/prepare/existing', false],
    ['check/doctor_1/tables', false],
  ])('%s changes one of them: %s', (name, expected) => {
    expect(changesOneOf(days, `redshift-load/${name}`)).toBe(expected);
  });
});
