/** A ds is one UTC day, the half-open interval [ds 00:00, ds+1 00:00), written 2010-12-01. */
import { Failure } from './failure.ts';

/** A day that has been checked by form and by round trip: safe in keys, paths and statements. */
export type Ds = string & { readonly brand: 'ds' };

const form = /^\d{4}-\d{2}-\d{2}$/;
const dayLength = 86_400_000;

export function isDs(text: string): text is Ds {
  if (!form.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Throws a usage failure for anything that is not a real day, e.g. 2010-02-30. */
export function parseDs(text: string, option = '--ds'): Ds {
  if (isDs(text)) return text;
  throw new Failure(
    'usage',
    `${option} must be a real day such as 2010-12-01, not ${JSON.stringify(text)}`,
  );
}

function shift(ds: Ds, days: number): Ds {
  return new Date(Date.parse(`${ds}T00:00:00Z`) + days * dayLength)
    .toISOString()
    .slice(0, 10) as Ds;
}

export const nextDs = (ds: Ds): Ds => shift(ds, 1);
export const previousDs = (ds: Ds): Ds => shift(ds, -1);

/** Every day from the first to the last, both included. */
export function dsRange(from: Ds, through: Ds): Ds[] {
  if (through < from) {
    throw new Failure(
      'usage',
      `--through=${through} lies before --ds=${from}; expected the same day or a later one`,
    );
  }
  const days: Ds[] = [];
  for (let ds = from; ds <= through; ds = nextDs(ds)) days.push(ds);
  return days;
}
