import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { dsRange, isDs, nextDs, parseDs, previousDs } from './ds.ts';

const days = fc
  .date({
    min: new Date('0001-01-02T00:00:00Z'),
    max: new Date('9998-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((date) => parseDs(date.toISOString().slice(0, 10)));

describe('a ds', () => {
  it('can be any real day', () => {
    fc.assert(
      fc.property(days, (ds) => {
        expect(isDs(ds)).toBe(true);
        expect(new Date(`${ds}T00:00:00Z`).toISOString()).toBe(`${ds}T00:00:00.000Z`);
      }),
    );
  });

  it.each([
    '2010-02-30',
    '2011-02-29',
    '2010-13-01',
    '2010-00-10',
    '2010-12-1',
    ' 2010-12-01',
    '2010-12-01\n',
    '2010-12-01T00:00:00Z',
    "2010-12-01'; drop table x",
    '+010-12-01',
    '２０１０-12-01',
    '',
    'yesterday',
  ])('cannot be %j', async (text) => {
    const failure = await failureOf(() => parseDs(text));
    expect(failure.exit).toBe(64);
    expect(failure.message).toBe(
      `--ds must be a real day such as 2010-12-01, not ${JSON.stringify(text)}`,
    );
  });

  it('agrees with the calendar for any date-like text', () => {
    const part = (max: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 2999 }), part(20), part(40), (year, month, day) => {
        const lastDay = new Date(Date.UTC(year, Number(month), 0)).getUTCDate();
        const real =
          Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= lastDay;
        expect(isDs(`${String(year)}-${month}-${day}`)).toBe(real);
      }),
    );
  });

  it('names the wrong option', async () => {
    const failure = await failureOf(() => parseDs('x', '--through'));
    expect(failure.message).toContain('--through must be');
  });

  it('has a previous and a next day, across leap days and year ends', () => {
    expect(nextDs(parseDs('2012-02-28'))).toBe('2012-02-29');
    expect(nextDs(parseDs('2010-12-31'))).toBe('2011-01-01');
    expect(previousDs(parseDs('2011-03-01'))).toBe('2011-02-28');
    fc.assert(
      fc.property(days, (ds) => {
        expect(previousDs(nextDs(ds))).toBe(ds);
        expect(nextDs(ds) > ds).toBe(true);
      }),
    );
  });
});

describe('a range of days', () => {
  it('contains each day once, in order, including both ends', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 400 }), (from, length) => {
        let through = from;
        for (let step = 0; step < length && through < '9998-12-30'; step += 1) {
          through = nextDs(through);
        }
        const range = dsRange(from, through);
        expect(range[0]).toBe(from);
        expect(range.at(-1)).toBe(through);
        expect(range.every((ds, index) => index === 0 || previousDs(ds) === range[index - 1])).toBe(
          true,
        );
      }),
      { numRuns: 25 },
    );
  });

  it('must not end before it begins', async () => {
    const failure = await failureOf(() => dsRange(parseDs('2010-12-02'), parseDs('2010-12-01')));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toContain('--through=2010-12-01 is before --ds=2010-12-02');
  });
});
