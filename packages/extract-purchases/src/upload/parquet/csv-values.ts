/** Reads the values of a purchase from PostgreSQL's CSV, without a text in between. */
import { Failure } from '@user-behaviour/shared/failure';

export const byteOf = { lineFeed: 10, quote: 34, comma: 44, minus: 45, point: 46, zero: 48 };

/**
 * The settings of the session and the query decide how values are written, so any other form is a bug. No other kind of
 * failure may be thrown in this folder: it is a part of the bundle with a class `Failure` of its own, and the job takes
 * what it does not know for a bug.
 */
export const unreadable = (what: string): Failure =>
  new Failure('bug', `a value of the source cannot be written to Parquet: expected ${what}`);

/** @throws a bug if the byte is no digit. */
function digitAt(csv: Buffer, at: number, what: string): number {
  const digit = (csv[at] ?? 0) - byteOf.zero;
  if (digit < 0 || digit > 9) throw unreadable(what);
  return digit;
}

const largestInteger = 2 ** 31 - 1;

/** Writes an integer of 4 bytes to `values[index]`. Returns where the next field begins. */
export function readInteger(csv: Buffer, start: number, values: Int32Array, index: number): number {
  const what = 'an integer of 4 bytes';
  const isNegative = csv[start] === byteOf.minus;
  let at = isNegative ? start + 1 : start;
  let value = 0;
  do {
    value = 10 * value + digitAt(csv, at, what);
    at += 1;
  } while (csv[at] !== byteOf.comma);
  if (value > largestInteger + (isNegative ? 1 : 0)) throw unreadable(what);
  values[index] = isNegative ? -value : value;
  return at + 1;
}

/** Digits after the point of a price. */
export const decimals = 5;
const precision = 18;
/** So many digits always fit a number exactly. */
const exactDigits = 15;

/**
 * Writes a decimal in units of its fifth digit after the point, as a 128-bit integer of four words, to
 * `words[index]` and what follows. Returns where the next field begins.
 */
export function readDecimal(csv: Buffer, start: number, words: Uint32Array, index: number): number {
  const what = `a number with at most ${String(precision)} digits, ${String(decimals)} of them after the point`;
  const isNegative = csv[start] === byteOf.minus;
  const first = isNegative ? start + 1 : start;
  let at = first;
  let digits = 0;
  let value = 0;
  while (csv[at] !== byteOf.comma && csv[at] !== byteOf.point) {
    value = 10 * value + digitAt(csv, at, what);
    digits += 1;
    at += 1;
  }
  if (csv[at] === byteOf.point) at += 1;
  const point = at;
  for (let place = 0; place < decimals; place += 1) {
    const isGiven = csv[at] !== byteOf.comma;
    value = 10 * value + (isGiven ? digitAt(csv, at, what) : 0);
    if (isGiven) at += 1;
  }
  const end = at;
  // More zeros do not change the value.
  for (; csv[at] !== byteOf.comma; at += 1) if (csv[at] !== byteOf.zero) throw unreadable(what);
  if (digits === 0 || digits + decimals > precision) throw unreadable(what);
  if (digits + decimals <= exactDigits) {
    setWords(words, index, isNegative ? -value : value);
  } else {
    const whole = csv.toString('latin1', first, first + digits);
    const fraction = csv.toString('latin1', point, end).padEnd(decimals, '0');
    const exact = BigInt(whole + fraction);
    setBigWords(words, index, isNegative ? -exact : exact);
  }
  return at + 1;
}

const wordSize = 2 ** 32;

/** A typed array keeps a number modulo 2^32, which is the two's complement of a negative one. */
function setWords(words: Uint32Array, index: number, value: number): void {
  words[index] = value;
  words[index + 1] = Math.floor(value / wordSize);
  words[index + 2] = words[index + 3] = value < 0 ? -1 : 0;
}

function setBigWords(words: Uint32Array, index: number, value: bigint): void {
  for (let word = 0; word < 4; word += 1) {
    words[index + word] = Number(BigInt.asUintN(32, value >> BigInt(32 * word)));
  }
}

const dateLength = 10;
const microseconds = { second: 1_000_000, minute: 60_000_000, hour: 3_600_000_000 };

/** Reads times such as `2010-12-01 08:26:00.25` as microseconds since 1970. The rows of a day share their date. */
export class TimestampReader {
  #date = Buffer.alloc(dateLength);
  #midnight = 0n;

  /** Writes the time to `values[index]`. Returns where the next field begins. */
  take(csv: Buffer, start: number, values: BigInt64Array, index: number): number {
    const what = 'a time such as 2010-12-01 08:26:00';
    for (let byte = 0; byte < dateLength; byte += 1) {
      if (csv[start + byte] !== this.#date[byte]) this.#readDate(csv, start, what);
    }
    const twoDigits = (at: number) => 10 * digitAt(csv, at, what) + digitAt(csv, at + 1, what);
    let time =
      twoDigits(start + 11) * microseconds.hour +
      twoDigits(start + 14) * microseconds.minute +
      twoDigits(start + 17) * microseconds.second;
    let at = start + 19;
    if (csv[at] === byteOf.point) {
      at += 1;
      for (let unit = microseconds.second / 10; csv[at] !== byteOf.comma; unit /= 10) {
        if (unit < 1) throw unreadable(what);
        time += unit * digitAt(csv, at, what);
        at += 1;
      }
    }
    if (csv[at] !== byteOf.comma) throw unreadable(what);
    values[index] = this.#midnight + BigInt(time);
    return at + 1;
  }

  #readDate(csv: Buffer, start: number, what: string): void {
    const text = csv.toString('latin1', start, start + dateLength);
    const midnight = Date.parse(`${text}T00:00:00Z`);
    if (Number.isNaN(midnight)) throw unreadable(what);
    this.#date = Buffer.from(text, 'latin1');
    this.#midnight = BigInt(midnight) * 1_000n;
  }
}
