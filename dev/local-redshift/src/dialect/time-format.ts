/** TO_CHAR, TO_DATE and TO_TIMESTAMP with the datetime formats (r_FORMAT_strings). */
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Longer ones first: `YYYY` before `YY`. */
const elements =
  /^(YYYY|YYY|YY|Y,YYY|Y|IYYY|CC|MONTH|MON|MM|RM|DDD|DD|DAY|DY|D|ID|IW|WW|W|HH24|HH12|HH|MI|SSSS|SS|MS|US|AM|PM|A\.M\.|P\.M\.|AD|BC|Q|J|TZ|OF)/i;

interface Moment {
  readonly date: Date;
  readonly micros: string;
}

/** A timestamp in ISO form in a datetime format. */
export function formatTime(value: string, format: string): string {
  const moment = readMoment(value);
  let result = '';
  let rest = format;
  while (rest !== '') {
    const quoted = /^"([^"]*)"/.exec(rest);
    const fill = /^FM/i.test(rest);
    const body = fill ? rest.slice(2) : rest;
    const [element] = elements.exec(body) ?? [];
    if (quoted !== null) {
      result += quoted[1] ?? '';
      rest = rest.slice(quoted[0].length);
    } else if (element !== undefined) {
      const suffix = /^TH/i.exec(body.slice(element.length))?.[0] ?? '';
      const text = field(moment, element);
      const shown = fill ? text.trimEnd().replace(/^0+(?=\d)/, '') : text;
      result += shown + (suffix === '' ? '' : ordinal(shown, suffix));
      rest = body.slice(element.length + suffix.length);
    } else {
      result += rest.charAt(0);
      rest = rest.slice(1);
    }
  }
  return result;
}

function readMoment(value: string): Moment {
  const found =
    /^(\d{1,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?/.exec(value) ?? undefined;
  if (found === undefined)
    throw new WarehouseError(`invalid input syntax for type timestamp: "${value}"`);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = found;
  const date = new Date(
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    ),
  );
  date.setUTCFullYear(Number(year));
  return { date, micros: fraction.padEnd(6, '0').slice(0, 6) };
}

const two = (value: number): string => String(value).padStart(2, '0');

function field({ date, micros }: Moment, element: string): string {
  const year = date.getUTCFullYear();
  const [month, day, hour] = [date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()];
  const dayOfYear =
    Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  const name = cased(element);
  switch (element.toUpperCase()) {
    case 'YYYY':
      return String(year).padStart(4, '0');
    case 'Y,YYY':
      return String(year)
        .padStart(4, '0')
        .replace(/(\d{3})$/, ',$1');
    case 'YYY':
    case 'YY':
    case 'Y':
      return String(year).padStart(4, '0').slice(-element.length);
    case 'IYYY':
      return String(isoWeek(date)[0]);
    case 'CC':
      return two(Math.ceil(year / 100));
    case 'MONTH':
      return name(months[month] ?? '').padEnd(9);
    case 'MON':
      return name((months[month] ?? '').slice(0, 3));
    case 'MM':
      return two(month + 1);
    case 'RM':
      return name(
        ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'][month] ?? '',
      ).padEnd(4);
    case 'DDD':
      return String(dayOfYear).padStart(3, '0');
    case 'DD':
      return two(day);
    case 'DAY':
      return name(days[date.getUTCDay()] ?? '').padEnd(9);
    case 'DY':
      return name((days[date.getUTCDay()] ?? '').slice(0, 3));
    case 'D':
      return String(date.getUTCDay() + 1);
    case 'ID':
      return String(date.getUTCDay() === 0 ? 7 : date.getUTCDay());
    case 'IW':
      return two(isoWeek(date)[1]);
    case 'WW':
      return two(Math.ceil(dayOfYear / 7));
    case 'W':
      return String(Math.ceil(day / 7));
    case 'HH24':
      return two(hour);
    case 'HH12':
    case 'HH':
      return two(hour % 12 === 0 ? 12 : hour % 12);
    case 'MI':
      return two(date.getUTCMinutes());
    case 'SS':
      return two(date.getUTCSeconds());
    case 'SSSS':
      return String(hour * 3600 + date.getUTCMinutes() * 60 + date.getUTCSeconds());
    case 'MS':
      return micros.slice(0, 3);
    case 'US':
      return micros;
    case 'AM':
    case 'PM':
      return name(hour < 12 ? 'AM' : 'PM');
    case 'A.M.':
    case 'P.M.':
      return name(hour < 12 ? 'A.M.' : 'P.M.');
    case 'AD':
    case 'BC':
      return name('AD');
    case 'Q':
      return String(Math.floor(month / 3) + 1);
    case 'J':
      return String(Math.floor(date.getTime() / 86_400_000) + 2_440_588);
    case 'OF':
      return '+00';
    default:
      return 'UTC';
  }
}

/** Upper, lower or capitalised like the element itself. */
function cased(element: string): (text: string) => string {
  if (element === element.toUpperCase()) return (text) => text.toUpperCase();
  return element === element.toLowerCase() ? (text) => text.toLowerCase() : (text) => text;
}

function ordinal(number: string, suffix: string): string {
  const value = Number(number);
  const teen = value % 100 >= 11 && value % 100 <= 13;
  const text = teen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return suffix === 'TH' ? text.toUpperCase() : text;
}

function isoWeek(date: Date): [year: number, week: number] {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() === 0 ? 7 : date.getUTCDay()));
  const start = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return [
    thursday.getUTCFullYear(),
    Math.ceil(((thursday.getTime() - start) / 86_400_000 + 1) / 7),
  ];
}
