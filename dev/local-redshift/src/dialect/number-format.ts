/** TO_CHAR and TO_NUMBER with numeric formats (r_Numeric_formating), after PostgreSQL's rules. */
import { WarehouseError } from '../warehouse/warehouse-error.ts';

interface NumberFormat {
  readonly fill: boolean;
  readonly prefix: string;
  readonly whole: string;
  readonly fraction: string;
  readonly sign: 'leading' | 'S first' | 'S last' | 'MI last' | 'PR' | 'PL';
}

const pattern = /^(FM)?((?:[$L ]|S|MI|PL|SG)*)([09,G]*)(?:[.D]([09]*))?(S|MI|PR|PL|SG)?$/i;

function parseFormat(format: string): NumberFormat {
  const found = pattern.exec(format.trim());
  if (found === null) throw new WarehouseError(`to_char format "${format}" is not supported here`);
  const [, fill, before = '', whole = '', fraction = '', after = ''] = found;
  const last = after.toUpperCase();
  const first = before.toUpperCase().replace(/[$L ]/g, '');
  return {
    fill: fill !== undefined,
    prefix: /[$L]/i.test(before) ? '$' : '',
    whole: whole.toUpperCase().replaceAll('G', ','),
    fraction,
    sign:
      last === 'PR'
        ? 'PR'
        : last === 'PL'
          ? 'PL'
          : last === 'MI'
            ? 'MI last'
            : last !== ''
              ? 'S last'
              : first !== ''
                ? 'S first'
                : 'leading',
  };
}

/** A number, given as decimal text, in a numeric format. */
export function formatNumber(value: string, format: string): string {
  if (/^(FM)?RN$/i.test(format)) {
    const roman = romanNumeral(Math.round(Number(value)));
    return format.endsWith('RN') ? roman : roman.toLowerCase();
  }
  const shape = parseFormat(format);
  const negative = value.startsWith('-');
  const [digits, decimals] = rounded(value.replace(/^[+-]/, ''), shape.fraction.length);
  const slots = shape.whole.replaceAll(',', '').length;
  const whole = digits.replace(/^0+(?=\d)/, '');
  const fits = (whole === '0' ? 0 : whole.length) <= slots;
  const body = fits
    ? group(
        whole === '0' && slots > 0 && shape.fraction !== '' && !shape.whole.includes('0')
          ? ''
          : whole,
        shape,
      )
    : shape.whole.replaceAll(/[09]/g, '#');
  let fraction = fits ? decimals : decimals.replaceAll(/\d/g, '#');
  if (shape.fill) fraction = trimFraction(fraction, shape.fraction);
  const hasPoint = /[.D]/i.test(format.replace(/^FM/i, ''));
  const number = body.trimStart() + (hasPoint ? `.${fraction}` : '');
  const padding = body.length - body.trimStart().length;
  return place(number, padding, negative, shape);
}

function place(number: string, padding: number, negative: boolean, shape: NumberFormat): string {
  const pad = shape.fill ? '' : ' '.repeat(padding);
  const money = shape.prefix;
  const minus = negative ? '-' : '';
  switch (shape.sign) {
    case 'leading':
      if (shape.fill) return minus + money + number;
      return `${money}${pad}${negative ? '-' : ' '}${number}`;
    case 'S first':
      return `${money}${pad}${negative ? '-' : '+'}${number}`;
    case 'S last':
      return `${money}${pad}${number}${negative ? '-' : '+'}`;
    case 'MI last':
      return `${money}${pad}${number}${negative ? '-' : shape.fill ? '' : ' '}`;
    case 'PL':
      return `${money}${pad}${minus}${number}${negative ? '' : '+'}`;
    case 'PR':
      if (shape.fill) return negative ? `${money}<${number}>` : money + number;
      return `${money}${pad}${negative ? `<${number}>` : ` ${number} `}`;
  }
}

/** The digits in the places of the format, padded with blanks, or with zeros from the first 0 of the format. */
function group(digits: string, shape: NumberFormat): string {
  const zero = shape.whole.indexOf('0');
  let at = digits.length;
  let result = '';
  for (let index = shape.whole.length - 1; index >= 0; index -= 1) {
    const zeros = zero !== -1 && index >= zero;
    if (shape.whole[index] === ',') result = (at > 0 || zeros ? ',' : ' ') + result;
    else {
      at -= 1;
      result = (at >= 0 ? digits.charAt(at) : zeros ? '0' : ' ') + result;
    }
  }
  return result;
}

/** FM drops the trailing zeros in the places of a 9. */
function trimFraction(fraction: string, places: string): string {
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0' && places[end - 1] === '9') end -= 1;
  return fraction.slice(0, end);
}

/** The digits before and after the point, rounded half away from zero. */
function rounded(value: string, scale: number): [string, string] {
  const exact = /e/i.test(value) ? Number(value).toFixed(scale) : value;
  const [whole = '0', decimals = ''] = exact.split('.');
  if (decimals.length <= scale) return [whole, decimals.padEnd(scale, '0')];
  const kept = BigInt(whole + decimals.slice(0, scale)) + (decimals.charAt(scale) >= '5' ? 1n : 0n);
  const digits = kept.toString().padStart(scale + 1, '0');
  return [digits.slice(0, digits.length - scale), scale === 0 ? '' : digits.slice(-scale)];
}

function romanNumeral(value: number): string {
  const numerals: readonly (readonly [number, string])[] = [
    [1000, 'M'],
    [900, 'CM'],
    [500, 'D'],
    [400, 'CD'],
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ];
  let rest = value;
  let result = '';
  for (const [number, text] of numerals) {
    while (rest >= number) {
      result += text;
      rest -= number;
    }
  }
  return result;
}

/** The number in a text with a numeric format, as decimal text (r_TO_NUMBER). */
export function parseNumber(text: string, format: string): string {
  const { fraction } = parseFormat(format);
  const digits = text.replaceAll(/[^\d.]/g, '');
  const [whole = '', decimals = ''] = digits.split('.');
  if (whole + decimals === '')
    throw new WarehouseError(`invalid input syntax for type numeric: "${text}"`);
  const negative = /-|<.*>/.test(text);
  const kept = decimals.slice(0, fraction.length);
  return `${negative ? '-' : ''}${whole === '' ? '0' : whole}${kept === '' ? '' : `.${kept}`}`;
}
