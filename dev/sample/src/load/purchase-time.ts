/** Times of a purchases file. The table has UTC without a zone, which PostgreSQL would cut off silently. */

const clock = String.raw`(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:\s*(AM|PM))?)?`;
const zone = String.raw`(?:\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?`;
/** ISO 8601, or with slashes in the same order. */
const yearFirst = new RegExp(String.raw`^(\d{4})([-/])(\d{1,2})\2(\d{1,2})${clock}${zone}$`, 'i');
/** American. Other separators are customary for the day first, so they could mean either. */
const monthFirst = new RegExp(String.raw`^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})${clock}${zone}$`, 'i');

/**
 * As `2010-12-01 08:26:00`, in UTC; `undefined` if the text is no time, or has more than microseconds. A text
 * without a zone is UTC. The day may not exist if the text names one that does not.
 */
export function readTime(text: string): string | undefined {
  const [iso, american] = [yearFirst.exec(text), monthFirst.exec(text)];
  if (iso !== null) {
    const [, year = '', , month = '', day = '', ...rest] = iso;
    return inUtc({ year, month, day }, rest);
  }
  if (american !== null) {
    const [, month = '', day = '', year = '', ...rest] = american;
    return inUtc({ year: year.length === 4 ? year : century(year), month, day }, rest);
  }
  return undefined;
}

/** As PostgreSQL reads two digits. */
const century = (year: string): string => (Number(year) < 70 ? `20${year}` : `19${year}`);

function inUtc(
  { year, month, day }: Readonly<Record<'year' | 'month' | 'day', string>>,
  [given = '0', minute = '00', second = '00', decimals = '', half, offset]: readonly (
    string | undefined
  )[],
): string | undefined {
  const hour = half === undefined ? Number(given) : hourOfHalf(Number(given), half);
  const fraction = decimals.replace(/0+$/, '');
  const minutes = offsetMinutes(offset ?? 'Z');
  if (hour === undefined || minutes === undefined || fraction.length > 6) return undefined;
  if (hour > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const local = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = `${String(hour).padStart(2, '0')}:${minute}:${second}`;
  const utc = minutes === 0 ? `${local} ${time}` : shifted(local, time, minutes);
  return fraction === '' ? utc : `${utc}.${fraction}`;
}

/** A day such as February 30 is left as it is, so that the caller refuses it. */
function shifted(local: string, time: string, minutes: number): string {
  const date = new Date(`${local}T${time}Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local);
  if (!isReal) return `${local} ${time}`;
  const utc = new Date(date.getTime() - minutes * 60_000).toISOString();
  return utc.slice(0, 19).replace('T', ' ');
}

function hourOfHalf(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

/** East of UTC. PostgreSQL knows zones up to 15:59 hours away. */
function offsetMinutes(offset: string): number | undefined {
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
