/** A ds is a UTC day, the half-open interval [ds 00:00, ds+1 00:00), written as 2010-12-01. */
import { Failure } from './failure.ts';

/** A day validated by format and round trip, so it is safe in keys, paths and statements. */
export type Ds = string & { readonly brand: 'ds' };

const format = /^\d{4}-\d{2}-\d{2}$/;
const dayLength = 86_400_000;
/** A day outside of these years is a typing error. */
const earliest = '1970-01-01';
const latest = '2200-12-31';
/** Days that one command may name: 27 years. */
const longestRange = 10_000;

export function isDs(text: string): text is Ds {
  return isRealDay(text) && earliest <= text && text <= latest;
}

function isRealDay(text: string): boolean {
  if (!format.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Throws a usage failure for anything but a real day from 1970 to 2200, e.g. for 2010-02-30. */
export function parseDs(text: string, option = '--ds'): Ds {
  if (isDs(text)) return text;
  const expected = isRealDay(text)
    ? `a day from ${earliest} to ${latest}`
    : 'a real day such as 2010-12-01';
  throw new Failure('usage', `${option} must be ${expected}, not ${JSON.stringify(text)}`);
}

function shift(ds: Ds, days: number): Ds {
  return new Date(Date.parse(`${ds}T00:00:00Z`) + days * dayLength)
    .toISOString()
    .slice(0, 10) as Ds;
}

export const nextDs = (ds: Ds): Ds => shift(ds, 1);
export const previousDs = (ds: Ds): Ds => shift(ds, -1);
/** So many days before, in ascending order; not those before 1970. */
export const daysBefore = (ds: Ds, count: number): Ds[] =>
  Array.from({ length: count }, (_, index) => shift(ds, index - count)).filter(isDs);
/** The same weekday, so many weeks earlier. */
export const weeksBefore = (ds: Ds, weeks: number): Ds => shift(ds, -7 * weeks);

/** The first moment that is no longer of the day. */
export const endOfDay = (ds: Ds): Date => new Date(Date.parse(`${ds}T00:00:00Z`) + dayLength);

/** Every day from the first to the last, inclusive, but no more than `most`. */
export function daysFrom(first: Ds, last: Ds, most = Infinity): Ds[] {
  const days: Ds[] = [];
  for (let ds = first; ds <= last && days.length < most; ds = nextDs(ds)) days.push(ds);
  return days;
}

const optionsOfJobs = { from: '--ds', through: '--through' };

/**
 * The days of a range that somebody typed. `options` are the names of its ends.
 * Throws a usage failure if it ends before it begins or has more than 10,000 days.
 */
export function dsRange(from: Ds, through: Ds, options = optionsOfJobs): Ds[] {
  if (through < from) {
    throw new Failure(
      'usage',
      `${options.through}=${through} is before ${options.from}=${from}; expected the same day or a later one`,
    );
  }
  const length = (Date.parse(through) - Date.parse(from)) / dayLength + 1;
  if (length > longestRange) {
    throw new Failure(
      'usage',
      `${options.from}=${from} to ${options.through}=${through} is ${String(length)} days; expected at most ${String(longestRange)}`,
    );
  }
  return daysFrom(from, through);
}
