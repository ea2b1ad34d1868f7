/** Fields of a purchases file as values of the table: exact, or refused. Messages hold no value. */
import { isDs } from '@user-behaviour/shared/ds';
import { readTime } from './purchase-time.ts';

/** Why a field does not fit its column. */
export class WrongValue extends Error {}

/** Takes a field that is not blank. @throws a WrongValue. */
export type ReadValue = (field: string) => string;

/** As the table has it: `varchar(length)`, in characters. PostgreSQL would cut blanks off silently. */
export const textOf =
  (length: number): ReadValue =>
  (field) => {
    if (field.length > length && Array.from(field).length > length) {
      throw new WrongValue(`the text is too long; expected at most ${length} characters`);
    }
    return field;
  };

/** As the table has it: `integer`. `6.0` and `6e0` are 6. */
export const integer: ReadValue = (field) => {
  const { sign, whole, fraction } = decimal(field);
  if (fraction !== '') throw new WrongValue('the value is not a whole number');
  const number = Number(`${sign}${whole}`);
  if (number < -2_147_483_648 || number > 2_147_483_647) throw outOfRange();
  return String(number);
};

/** As the table has it: `numeric(precision, scale)`. PostgreSQL would round silently. */
export const numeric =
  (precision: number, scale: number): ReadValue =>
  (field) => {
    const { sign, whole, fraction } = decimal(field);
    if (fraction.length > scale) {
      throw new WrongValue(`the number has more than ${scale} decimals`);
    }
    if (whole.length > precision - scale) throw outOfRange();
    return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
  };

/** As the table has it: `timestamp`, in UTC. */
export const timestamp: ReadValue = (field) => {
  const time = readTime(field.trim());
  if (time === undefined) {
    throw new WrongValue(
      'the value is not a time; expected 2010-12-01 08:26:00 or month/day/year, as 12/1/2010 8:26',
    );
  }
  if (!isDs(time.slice(0, 10))) {
    throw new WrongValue('the time does not exist, or is not from 1970 to 2200');
  }
  return time;
};

const outOfRange = (): WrongValue => new WrongValue('the number is out of range');

const number = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i;

/** A number in digits, without zeros that say nothing; also from the scientific notation. */
function decimal(field: string): { sign: string; whole: string; fraction: string } {
  const [, sign = '', before = '', after = '', exponent = '0'] = number.exec(field.trim()) ?? [];
  const digits = `${before}${after}`;
  if (digits === '') {
    throw new WrongValue(
      'the value is not a number; expected digits, without a thousands separator',
    );
  }
  const point = before.length + Number(exponent);
  const padded = digits.padStart(digits.length - Math.min(point, 0), '0').padEnd(point, '0');
  const split = Math.max(point, 0);
  return {
    sign: sign === '-' ? '-' : '',
    whole: padded.slice(0, split).replace(/^0+(?=\d)/, '') || '0',
    fraction: padded.slice(split).replace(/0+$/, ''),
  };
}
