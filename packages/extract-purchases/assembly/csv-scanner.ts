/**
 * PostgreSQL's COPY in text format, as it comes off the wire, becomes PostgreSQL's CSV, byte for byte.
 * AssemblyScript: compiled to WebAssembly by compile.ts. Both texts are defined by the server's
 * src/backend/commands/copyto.c (CopyAttributeOutText, CopyAttributeOutCSV) and by the chapter
 * "Message Formats" of its manual: one CopyData message a row.
 */
import { xxhash64 } from './xxhash64';

/** Why `scan` stopped. csv-scanner.ts in src has the same numbers. */
const MORE_INPUT = 0;
const OUTPUT_FULL = 1;
const OTHER_MESSAGE = 2;
const NO_ROW = 3;

const COPY_DATA: u8 = 0x64;
const TAB: u8 = 0x09;
const LINE_FEED: u8 = 0x0a;
const CARRIAGE_RETURN: u8 = 0x0d;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const BACKSLASH: u8 = 0x5c;
/** Two quotes: how CSV writes an empty text, for nothing at all means null. */
const EMPTY: u16 = 0x2222;

/** Where the first message begins that `scan` did not take. */
export let taken: usize = 0;
/** Where the output ends. */
export let written: usize = 0;
/** Rows of the last call. */
export let rows: u32 = 0;
/** The sum of the hashes of these rows as CSV, without their line feeds; it wraps at 64 bits. */
export let hashes: u64 = 0;

/** The first byte that is free for the host to use. */
export function free(): usize {
  return __heap_base;
}

/** Takes whole messages from [source, end) while the next row is sure to fit before `limit`. */
export function scan(source: usize, end: usize, target: usize, limit: usize): i32 {
  let count: u32 = 0;
  let sum: u64 = 0;
  let stop = MORE_INPUT;
  while (end - source >= 5) {
    if (load<u8>(source) != COPY_DATA) {
      stop = OTHER_MESSAGE;
      break;
    }
    const length = <usize>bswap<u32>(load<u32>(source, 1));
    if (length < 5) {
      stop = NO_ROW;
      break;
    }
    if (length > end - source - 1) break;
    // A byte becomes three at most (an empty field and its tab), or two and the quotes of its field.
    if ((length << 2) + 64 > limit - target) {
      stop = OUTPUT_FULL;
      break;
    }
    const next = source + 1 + length;
    if (load<u8>(next - 1) != LINE_FEED) {
      stop = NO_ROW;
      break;
    }
    const start = target;
    target = row(source + 5, next - 1, start);
    sum += xxhash64(start, target);
    store<u8>(target, LINE_FEED);
    target += 1;
    source = next;
    count += 1;
  }
  taken = source;
  written = target;
  rows = count;
  hashes = sum;
  return stop;
}

/** Writes the row in [source, end), without its line feed, to the target; returns where it ends. */
function row(source: usize, end: usize, target: usize): usize {
  const start = target;
  /** Where the field that is being written began. */
  let field = target;
  while (source < end) {
    // Up to 16 bytes at once, as far as nothing but tabs needs a look.
    const block = v128.load(source);
    const tabLanes = i8x16.eq(block, i8x16.splat(TAB));
    const inSight = <u32>min<usize>(end - source, 16);
    let special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(BACKSLASH)), i8x16.eq(block, i8x16.splat(COMMA))),
        i8x16.eq(block, i8x16.splat(QUOTE)),
      ),
    );
    let tabs = i8x16.bitmask(tabLanes);
    // A tab at the beginning of a field ends an empty one.
    special |= tabs & ((tabs << 1) | i32(target == field));
    const plain = min<u32>(ctz(special), inSight);
    v128.store(target, v128.bitselect(i8x16.splat(COMMA), block, tabLanes));
    tabs &= (1 << plain) - 1;
    if (tabs != 0) field = target + 32 - clz(tabs);
    source += plain;
    target += plain;
    if (plain == inSight) continue;

    const byte = load<u8>(source);
    if (byte == TAB) {
      store<u16>(target, EMPTY);
      target += 2;
    } else if (byte == BACKSLASH && load<u8>(source, 1) == 0x4e && target == field) {
      // \N is null. A text of these two characters would be written \\N.
      source += 2;
      if (source == end) return target;
    } else {
      if (byte == BACKSLASH) {
        const meant = unescaped(load<u8>(source, 1));
        if (meant != LINE_FEED && meant != CARRIAGE_RETURN) {
          store<u8>(target, meant);
          source += 2;
          target += 1;
          continue;
        }
      }
      memory.copy(field + 1, field, target - field);
      store<u8>(field, QUOTE);
      target += 1;
      while (source < end) {
        const block = v128.load(source);
        const inSight = <u32>min<usize>(end - source, 16);
        const special = i8x16.bitmask(
          v128.or(
            v128.or(i8x16.eq(block, i8x16.splat(BACKSLASH)), i8x16.eq(block, i8x16.splat(TAB))),
            i8x16.eq(block, i8x16.splat(QUOTE)),
          ),
        );
        const plain = min<u32>(ctz(special), inSight);
        v128.store(target, block);
        source += plain;
        target += plain;
        if (plain == inSight) continue;
        const byte = load<u8>(source);
        if (byte == TAB) break;
        if (byte == QUOTE) {
          store<u16>(target, EMPTY);
          source += 1;
          target += 2;
        } else {
          store<u8>(target, unescaped(load<u8>(source, 1)));
          source += 2;
          target += 1;
        }
      }
      store<u8>(target, QUOTE);
      target += 1;
      if (source >= end) return target;
    }
    // A tab, here and after each branch above.
    store<u8>(target, COMMA);
    source += 1;
    target += 1;
    field = target;
  }
  if (target == field) {
    store<u16>(target, EMPTY);
    return target + 2;
  }
  // The only field of a row: \. would end the data for an old reader.
  if (field == start && target - field == 2 && load<u16>(field) == 0x2e5c) {
    store<u32>(field, 0x222e5c22);
    return target + 2;
  }
  return target;
}

/** What a backslash and this letter stand for. */
function unescaped(letter: u8): u8 {
  if (letter == 0x62) return 0x08;
  if (letter == 0x66) return 0x0c;
  if (letter == 0x6e) return LINE_FEED;
  if (letter == 0x72) return CARRIAGE_RETURN;
  if (letter == 0x74) return TAB;
  if (letter == 0x76) return 0x0b;
  return letter;
}
