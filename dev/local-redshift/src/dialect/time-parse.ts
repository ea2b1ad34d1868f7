/** TO_DATE and TO_TIMESTAMP: reads a text with a datetime format (r_TO_DATE_function, r_TO_TIMESTAMP). */
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const elements =
  /^(YYYY|YY|MONTH|MON|MM|DDD|DD|DAY|DY|HH24|HH12|HH|MI|SS|MS|US|AM|PM|A\.M\.|P\.M\.|TZ|OF)/i;

/** How each element is read; names may have any case. */
const readers: Readonly<Record<string, RegExp>> = {
  YYYY: /^\d{1,4}/,
  YY: /^\d{1,2}/,
  MONTH: /^[a-z]+\s*/i,
  MON: /^[a-z]{3}/i,
  DDD: /^\d{1,3}/,
  DAY: /^[a-z]+\s*/i,
  DY: /^[a-z]{3}/i,
  MS: /^\d{1,3}/,
  US: /^\d{1,6}/,
  AM: /^[ap]m/i,
  PM: /^[ap]m/i,
  'A.M.': /^[ap]\.m\./i,
  'P.M.': /^[ap]\.m\./i,
  TZ: /^[a-z]+/i,
  OF: /^[+-]\d\d(?::?\d\d)?/,
};

/**
 * The moment as `YYYY-MM-DD HH:MM:SS.ffffff`. A day or month that is too large counts on into the next one, unless
 * the call is strict. @throws WarehouseError for a text that does not have the format.
 */
export function parseTime(text: string, format: string, strict: boolean): string {
  const fields = readFields(text, format);
  const number = (name: string, standard: number): number => Number(fields.get(name) ?? standard);
  const monthName = fields.get('MONTH') ?? fields.get('MON');
  const month =
    monthName === undefined
      ? number('MM', 1)
      : monthNames.indexOf(monthName.slice(0, 3).toLowerCase()) + 1;
  const day = number('DD', fields.has('DDD') ? number('DDD', 1) : 1);
  const year = fields.has('YY') ? shortYear(number('YY', 0)) : number('YYYY', 1);
  const half = ['AM', 'PM', 'A.M.', 'P.M.']
    .map((name) => fields.get(name))
    .find((found) => found !== undefined);
  const clock = number('HH24', number('HH12', number('HH', 0)));
  const hour = half === undefined ? clock : (clock % 12) + (/^p/i.test(half) ? 12 : 0);
  const date = new Date(
    Date.UTC(2000, fields.has('DDD') ? 0 : month - 1, 1, hour, number('MI', 0), number('SS', 0)),
  );
  date.setUTCFullYear(year);
  date.setUTCDate(day);
  const overflows =
    !fields.has('DDD') && (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day);
  if (month < 1 || (strict && overflows)) throw invalid(text);
  const micros = fields.get('US')?.padEnd(6, '0') ?? (fields.get('MS') ?? '').padEnd(6, '0');
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}.${micros}`;
}

function shortYear(year: number): number {
  return year < 70 ? 2000 + year : 1900 + year;
}

function readFields(text: string, format: string): Map<string, string> {
  const fields = new Map<string, string>();
  let [left, rest] = [text, format.replaceAll(/FM|TH/gi, '')];
  while (rest !== '') {
    const element = elements.exec(rest)?.[0];
    if (element === undefined) {
      const quoted = /^"([^"]*)"/.exec(rest);
      const literal = quoted?.[1] ?? rest.charAt(0);
      rest = rest.slice(quoted?.[0].length ?? 1);
      // A separator stands for any other one.
      left = /^\w+$/.test(literal) ? left.slice(literal.length) : left.replace(/^[^\w+]/, '');
      continue;
    }
    const name = element.toUpperCase();
    const value = (readers[name] ?? /^\d{1,2}/).exec(left.replace(/^\s+/, ''))?.[0];
    if (value === undefined) {
      if (left.trim() === '') return fields;
      throw invalid(text);
    }
    fields.set(name, value.trim());
    left = left.replace(/^\s+/, '').slice(value.length);
    rest = rest.slice(element.length);
  }
  return fields;
}

function invalid(text: string): WarehouseError {
  return new WarehouseError(`date/time field value out of range: ${text}`);
}
