/** The binary format of numeric: digits of base 10,000 with the weight of the first (PostgreSQL's numeric_send). */

const negative = 0x4000;
const notANumber = 0xc000;

/** @param text a decimal without an exponent, e.g. `-12.50` */
export function numericBytes(text: string): Buffer {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d*)(?:\.(\d+))?$/.exec(text) ?? [];
  const before = whole.padStart(Math.ceil(whole.length / 4) * 4, '0');
  const after = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = ((before + after).match(/\d{4}/g) ?? []).map(Number);
  const leading = digits.findIndex((digit) => digit !== 0);
  const kept =
    leading === -1 ? [] : digits.slice(leading, digits.findLastIndex((digit) => digit !== 0) + 1);
  const weight = leading === -1 ? 0 : before.length / 4 - 1 - leading;
  const bytes = Buffer.alloc(8 + kept.length * 2);
  bytes.writeInt16BE(kept.length, 0);
  bytes.writeInt16BE(weight, 2);
  bytes.writeUInt16BE(sign === '-' && kept.length > 0 ? negative : 0, 4);
  bytes.writeInt16BE(fraction.length, 6);
  for (const [index, digit] of kept.entries()) bytes.writeInt16BE(digit, 8 + index * 2);
  return bytes;
}

export function numericText(bytes: Buffer): string {
  const count = bytes.readInt16BE(0);
  const weight = bytes.readInt16BE(2);
  const sign = bytes.readUInt16BE(4);
  const scale = bytes.readInt16BE(6);
  if (sign === notANumber) return 'NaN';
  const digit = (place: number): string => {
    const index = weight - place;
    return index < 0 || index >= count
      ? '0000'
      : String(bytes.readInt16BE(8 + index * 2)).padStart(4, '0');
  };
  const places = (from: number, to: number): string => {
    let text = '';
    for (let place = from; place >= to; place -= 1) text += digit(place);
    return text;
  };
  const whole = places(Math.max(weight, 0), 0).replace(/^0+(?=\d)/, '');
  const fraction = places(-1, -Math.ceil(scale / 4)).slice(0, scale);
  return `${sign === negative ? '-' : ''}${whole}${scale > 0 ? `.${fraction}` : ''}`;
}
