/** Converts the date formats of TO_CHAR (r_FORMAT_strings) to those of DuckDB's strftime. */
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** Longer ones first: `YYYY` before `YY`. */
const parts: readonly (readonly [string, string])[] = [
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['MM', '%m'],
  ['MONTH', '%B'],
  ['MON', '%b'],
  ['DDD', '%j'],
  ['DD', '%d'],
  ['DAY', '%A'],
  ['DY', '%a'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['HH', '%I'],
  ['MI', '%M'],
  ['SS', '%S'],
  ['MS', '%g'],
  ['US', '%f'],
  ['AM', '%p'],
  ['PM', '%p'],
];

/** Copies text in double quotes. @throws WarehouseError for unknown letters. */
export function strftimeFormat(format: string): string {
  let result = '';
  let rest = format;
  while (rest !== '') {
    const quoted = /^"([^"]*)"/.exec(rest);
    const part = parts.find(([name]) => rest.toUpperCase().startsWith(name));
    if (quoted !== null) result += (quoted[1] ?? '').replaceAll('%', '%%');
    else if (part !== undefined) result += part[1];
    else if (/^[A-Za-z]/.test(rest)) {
      throw new WarehouseError(`to_char format "${format}" is not supported here at "${rest}"`);
    } else result += rest.startsWith('%') ? '%%' : rest.slice(0, 1);
    rest = rest.slice(quoted?.[0].length ?? part?.[0].length ?? 1);
  }
  return result;
}
