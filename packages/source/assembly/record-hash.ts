/**
 * Hashes a purchase, read from COPY's text format, as PostgreSQL hashes the record of sql/source/extract/digests.sql:
 * texts, and the price as text, by their bytes; the others by their values. `hash_record_extended` makes a linear sum of
 * them, so `hashfloat8extended` follows.
 */
import { hashBytes, hashInteger } from './postgres-hash';
import { unescape } from './unescape';

const TAB: u8 = 0x09;
const LINE_FEED: u8 = 0x0a;
const LETTER_N: u8 = 0x4e;
const BACKSLASH: u8 = 0x5c;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;

/** Columns of a purchase, and which of them are not hashed as text. */
const COLUMNS = 8;
const QUANTITY = 3;
const INVOICE_DATE = 4;
const CUSTOMER_ID = 6;
/** The columns that purchases of the same invoice share, as bits: its number, its time, the customer, the country. */
const SHARED = 0b11010001;

/** False if the last record had other values than a purchase of a day. */
export let isReadable = true;

/**
 * Returns the hash of the row in [source, end), with a line feed at `end`. `scratch` has room for an unescaped row and
 * 16 bytes. Reads up to 64 bytes past `end`.
 */
export function recordHash(source: usize, end: usize, scratch: usize): u64 {
  let hash: u64 = 0;
  let column = 0;
  let field = source;
  let isEscaped = false;
  isReadable = true;
  for (let block = source; field <= end; block += 64) {
    // Of 64 bytes at once, because the processor mispredicts the end of most loops.
    let marks =
      marksOf(block) |
      (marksOf(block + 16) << 16) |
      (marksOf(block + 32) << 32) |
      (marksOf(block + 48) << 48);
    for (; marks != 0; marks &= marks - 1) {
      const at = block + <usize>ctz(marks);
      if (load<u8>(at) == BACKSLASH) {
        isEscaped = true;
        continue;
      }
      const value = isEscaped
        ? hashEscaped(column, field, at, scratch)
        : hashRepeated(column, field, at);
      hash = hash * 31 + value;
      column += 1;
      field = at + 1;
      isEscaped = false;
      if (at == end) break;
    }
  }
  if (column != COLUMNS) isReadable = false;
  store<f64>(scratch, <f64>(<i64>hash));
  return hashBytes(scratch, scratch + 8);
}

/** Which of 16 bytes end a field or escape the next one. */
function marksOf(at: usize): u64 {
  const bytes = v128.load(at);
  const ends = v128.or(i8x16.eq(bytes, i8x16.splat(TAB)), i8x16.eq(bytes, i8x16.splat(LINE_FEED)));
  return <u64>i8x16.bitmask(v128.or(ends, i8x16.eq(bytes, i8x16.splat(BACKSLASH))));
}

function hashEscaped(column: i32, source: usize, end: usize, scratch: usize): u64 {
  // \N is null, which counts as zero.
  if (end - source == 2 && load<u8>(source, 1) == LETTER_N) return 0;
  let target = scratch;
  while (source < end) {
    const byte = load<u8>(source);
    const isEscape = byte == BACKSLASH;
    store<u8>(target, isEscape ? unescape(load<u8>(source, 1)) : byte);
    source += isEscape ? 2 : 1;
    target += 1;
  }
  return hashField(column, scratch, target);
}

/** The last value of each column: its first 16 bytes, its last 4, its length and its hash, at these offsets. */
const LAST_BYTES: usize = 0;
const LAST_END: usize = 16;
const LAST_LENGTH: usize = 20;
const LAST_HASH: usize = 24;
const lastValues = memory.data(COLUMNS * 32, 16);

/** As `hashField`, but a shared column is only hashed if its value, of 4 to 20 bytes, is not the last one. */
function hashRepeated(column: i32, at: usize, end: usize): u64 {
  const length = <u32>(end - at);
  if (column >= COLUMNS || ((1 << column) & SHARED) == 0 || length - 4 > 16) {
    return hashField(column, at, end);
  }
  const last = lastValues + ((<usize>column) << 5);
  const bytes = v128.load(at);
  const equal = i8x16.bitmask(i8x16.eq(bytes, v128.load(last, LAST_BYTES)));
  const missing = ~equal & (((<i32>1) << min<u32>(length, 16)) - 1);
  const tail = load<u32>(end - 4);
  if (missing == 0 && length == load<u32>(last, LAST_LENGTH) && tail == load<u32>(last, LAST_END)) {
    return load<u64>(last, LAST_HASH);
  }
  const wasReadable = isReadable;
  isReadable = true;
  const hash = hashField(column, at, end);
  v128.store(last, bytes, LAST_BYTES);
  store<u32>(last, tail, LAST_END);
  store<u32>(last, isReadable ? length : 0, LAST_LENGTH);
  store<u64>(last, hash, LAST_HASH);
  isReadable = wasReadable && isReadable;
  return hash;
}

function hashField(column: i32, at: usize, end: usize): u64 {
  if (column == QUANTITY || column == CUSTOMER_ID) return hashInteger(integer(at, end));
  if (column == INVOICE_DATE) return hashInteger(microseconds(at, end));
  return hashBytes(at, end);
}

function integer(at: usize, end: usize): i64 {
  const isNegative = end - at > 1 && load<u8>(at) == MINUS;
  const value = digits(isNegative ? at + 1 : at, end);
  return isNegative ? -value : value;
}

/** The number that the digits in [at, end) are. */
function digits(at: usize, end: usize): i64 {
  let value: i64 = 0;
  if (at == end) isReadable = false;
  for (; at < end; at += 1) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9) isReadable = false;
    value = value * 10 + digit;
  }
  return value;
}

/** A timestamp such as 2010-12-01 08:26:00.123456 as PostgreSQL keeps it: microseconds since 2000. */
function microseconds(at: usize, end: usize): i64 {
  const length = end - at;
  // Years of other than four digits, years before Christ, and infinity are no days of the job.
  if ((length != 19 && (length < 21 || length > 26)) || load<u8>(at, 4) != MINUS) {
    isReadable = false;
    return 0;
  }
  const days = daysSince2000(digits(at, at + 4), digits(at + 5, at + 7), digits(at + 8, at + 10));
  const hours = days * 24 + digits(at + 11, at + 13);
  const seconds = (hours * 60 + digits(at + 14, at + 16)) * 60 + digits(at + 17, at + 19);
  let fraction: i64 = 0;
  if (length > 19) {
    fraction = digits(at + 20, end);
    // Zeros at the end are not written.
    for (let written = length - 20; written < 6; written += 1) fraction *= 10;
  }
  return seconds * 1_000_000 + fraction;
}

/** Of the Gregorian calendar, where a year that begins in March has its leap day at its end. */
function daysSince2000(year: i64, month: i64, day: i64): i64 {
  if (month < 3) year -= 1;
  const dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  // 1 March 2000 is 60 days after 1 January; no year is negative, as ds begins with 0001.
  return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 730_425;
}
