import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { dsRange, endOfDay, isDs, nextDs, parseDs, previousDs } from './ds.ts';

const days = fc
  .date({
    min: new Date('1970-01-02T00:00:00Z'),
    max: new Date('2200-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((date) => parseDs(date.toISOString().slice(0, 10)));

describe('a ds', () => {
  it('ends where the next day begins', () => {
    fc.assert(
      fc.property(days, (ds) => {
        expect(endOfDay(ds)).toEqual(new Date(`${nextDs(ds)}T00:00:00Z`));
      }),
    );
    expect(endOfDay(parseDs('2200-12-31')).toISOString()).toBe('2201-01-01T00:00:00.000Z');
  });

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

  it.each(['1969-12-31', '2201-01-01', '0001-01-01', '9999-12-31'])(
    'cannot be %s, which is a typing error',
    async (text) => {
      const failure = await failureOf(() => parseDs(text, 'FROM'));
      expect(failure.exit).toBe(64);
      expect(failure.message).toBe(
        `FROM must be a day from 1970-01-01 to 2200-12-31, not "${text}"`,
      );
    },
  );

  it('can be the first and the last day of these years', () => {
    expect(['1970-01-01', '2200-12-31'].map((text) => parseDs(text))).toHaveLength(2);
  });

  it('agrees with the calendar for any date-like text', () => {
    const part = (max: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 2200 }), part(20), part(40), (year, month, day) => {
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
        for (let step = 0; step < length && through < '2200-12-30'; step += 1) {
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

  it('has at most 10,000 days, and is refused before it is made', async () => {
    const from = parseDs('1980-01-01');
    expect(dsRange(from, parseDs('2007-05-18'))).toHaveLength(10_000);
    const failure = await failureOf(() => dsRange(from, parseDs('2007-05-19')));
    expect(failure.exit).toBe(64);
    expect(failure.message).toBe(
      '--ds=1980-01-01 to --through=2007-05-19 is 10001 days; expected at most 10000',
    );
  });

  it('names the options that were typed', async () => {
    const names = { from: 'FROM', through: 'TO' };
    const range = () => dsRange(parseDs('2010-12-02'), parseDs('2010-12-01'), names);
    expect((await failureOf(range)).message).toContain('TO=2010-12-01 is before FROM=2010-12-02');
  });
});
