/**
 * Converts COPY's text format, as PostgreSQL sends it, to the CSV that COPY itself would write, byte
 * for byte. This is AssemblyScript, compiled to WebAssembly by compile.ts.
 *
 * PostgreSQL's src/backend/commands/copyto.c defines both formats (CopyAttributeOutText and
 * CopyAttributeOutCSV). Its manual, chapter "Message Formats", defines the framing: one CopyData
 * message per row.
 */
import { isReadable, recordHash } from './record-hash';
import { unescape } from './unescape';
import { xxhash64 } from './xxhash64';

/** Why `scan` stopped. Keep in sync with `stopReasons` in src/csv-scanner.ts. */
const NEEDS_INPUT = 0;
const OUTPUT_FULL = 1;
const OTHER_MESSAGE = 2;
const INVALID_ROW = 3;

const COPY_DATA: u8 = 0x64;
const TAB: u8 = 0x09;
const LINE_FEED: u8 = 0x0a;
const CARRIAGE_RETURN: u8 = 0x0d;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const BACKSLASH: u8 = 0x5c;
/** Two quotes: CSV for an empty string. An unquoted empty field means null. */
const EMPTY_STRING: u16 = 0x2222;

/** Where the last `scan` stopped reading: the address of the first message that it did not consume. */
export let inputStart: usize = 0;
/** Where the last `scan` stopped writing: the address after its output. */
export let outputEnd: usize = 0;
/** Number of rows that the last `scan` wrote. */
export let rowCount: u32 = 0;
/** Sum of the XXH64 hashes of the CSV rows, without their line feeds, modulo 2^64. */
export let hashSum: u64 = 0;
/** Sum of the hashes of the records in the last `scan`, modulo 2^64, and how many rows are no purchases of a day. */
export let recordSum: u64 = 0;
export let unreadableRows: u32 = 0;

/** Address of the first byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * Consumes whole messages from [source, end) and writes CSV from `target` on, as long as the next row
 * is certain to fit before `limit`. Reads up to 64 bytes past `end`. Records are hashed only if asked for.
 */
export function scan(
  source: usize,
  end: usize,
  target: usize,
  limit: usize,
  hashesRecords: bool,
): i32 {
  let count: u32 = 0;
  let sum: u64 = 0;
  let records: u64 = 0;
  let unreadable: u32 = 0;
  let stop = NEEDS_INPUT;
  while (end - source >= 5) {
    if (load<u8>(source) != COPY_DATA) {
      stop = OTHER_MESSAGE;
      break;
    }
    const length = <usize>bswap<u32>(load<u32>(source, 1));
    if (length < 5) {
      stop = INVALID_ROW;
      break;
    }
    if (length > end - source - 1) break;
    // Worst case: a tab that ends an empty string becomes three bytes ("",), and any other byte
    // becomes two plus the quotes around its field.
    if ((length << 2) + 64 > limit - target) {
      stop = OUTPUT_FULL;
      break;
    }
    const next = source + 1 + length;
    if (load<u8>(next - 1) != LINE_FEED) {
      stop = INVALID_ROW;
      break;
    }
    if (hashesRecords) {
      // What follows the target is overwritten by the row.
      const hash = recordHash(source + 5, next - 1, target);
      if (isReadable) records += hash;
      else unreadable += 1;
    }
    const start = target;
    target = writeRow(source + 5, next - 1, start);
    sum += xxhash64(start, target);
    store<u8>(target, LINE_FEED);
    target += 1;
    source = next;
    count += 1;
  }
  inputStart = source;
  outputEnd = target;
  rowCount = count;
  hashSum = sum;
  recordSum = records;
  unreadableRows = unreadable;
  return stop;
}

/** Writes the row in [source, end), which excludes the line feed, to `target`. Returns the end of the output. */
function writeRow(source: usize, end: usize, target: usize): usize {
  const start = target;
  /** Address of the first byte of the current field. */
  let field = target;
  while (source < end) {
    // Copies up to 16 bytes at once, with tabs as commas, up to the first byte that needs more.
    const block = v128.load(source);
    const tabLanes = i8x16.eq(block, i8x16.splat(TAB));
    const available = <u32>min<usize>(end - source, 16);
    let special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(BACKSLASH)), i8x16.eq(block, i8x16.splat(COMMA))),
        i8x16.eq(block, i8x16.splat(QUOTE)),
      ),
    );
    let tabs = i8x16.bitmask(tabLanes);
    // A tab at the start of a field means that the field is an empty string.
    special |= tabs & ((tabs << 1) | i32(target == field));
    v128.store(target, v128.bitselect(i8x16.splat(COMMA), block, tabLanes));
    // Apart from the next lines, so that the processor need not wait for them to know the next address.
    if (special == 0 && available == 16) {
      if (tabs != 0) field = target + 32 - clz(tabs);
      source += 16;
      target += 16;
      continue;
    }
    const plain = min<u32>(ctz(special), available);
    tabs &= (1 << plain) - 1;
    if (tabs != 0) field = target + 32 - clz(tabs);
    source += plain;
    target += plain;
    if (plain == available) continue;

    const byte = load<u8>(source);
    if (byte == TAB) {
      store<u16>(target, EMPTY_STRING);
      target += 2;
    } else if (byte == BACKSLASH && load<u8>(source, 1) == 0x4e && target == field) {
      // \N is null. COPY writes a string of these two characters as \\N.
      source += 2;
      if (source == end) return target;
    } else {
      if (byte == BACKSLASH) {
        const unescaped = unescape(load<u8>(source, 1));
        if (unescaped != LINE_FEED && unescaped != CARRIAGE_RETURN) {
          store<u8>(target, unescaped);
          source += 2;
          target += 1;
          continue;
        }
      }
      // The field needs quotes: make room for the first one.
      memory.copy(field + 1, field, target - field);
      store<u8>(field, QUOTE);
      target += 1;
      while (source < end) {
        const block = v128.load(source);
        const available = <u32>min<usize>(end - source, 16);
        const special = i8x16.bitmask(
          v128.or(
            v128.or(i8x16.eq(block, i8x16.splat(BACKSLASH)), i8x16.eq(block, i8x16.splat(TAB))),
            i8x16.eq(block, i8x16.splat(QUOTE)),
          ),
        );
        const plain = min<u32>(ctz(special), available);
        v128.store(target, block);
        source += plain;
        target += plain;
        if (plain == available) continue;
        const byte = load<u8>(source);
        if (byte == TAB) break;
        if (byte == QUOTE) {
          store<u16>(target, EMPTY_STRING);
          source += 1;
          target += 2;
        } else {
          store<u8>(target, unescape(load<u8>(source, 1)));
          source += 2;
          target += 1;
        }
      }
      store<u8>(target, QUOTE);
      target += 1;
      if (source >= end) return target;
    }
    // Every branch above ends at a tab.
    store<u8>(target, COMMA);
    source += 1;
    target += 1;
    field = target;
  }
  if (target == field) {
    store<u16>(target, EMPTY_STRING);
    return target + 2;
  }
  // COPY quotes \. in a row of one field: older readers take it for the end of the data.
  if (field == start && target - field == 2 && load<u16>(field) == 0x2e5c) {
    store<u32>(field, 0x222e5c22);
    return target + 2;
  }
  return target;
}
