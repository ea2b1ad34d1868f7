/**
 * The 64-bit hashes of PostgreSQL's src/common/hashfn.c with seed 0, which are Bob Jenkins's lookup3, on a server
 * whose processor is little-endian. Hash-partitioned tables depend on them, so they do not change between versions.
 * The state is in local variables, because WebAssembly keeps those in registers, but not its globals.
 */
const START: u32 = 0x9e3779b9 + 3923095;

function final(a: u32, b: u32, c: u32): u64 {
  c = (c ^ b) - rotl<u32>(b, 14);
  a = (a ^ c) - rotl<u32>(c, 11);
  b = (b ^ a) - rotl<u32>(a, 25);
  c = (c ^ b) - rotl<u32>(b, 16);
  a = (a ^ c) - rotl<u32>(c, 4);
  b = (b ^ a) - rotl<u32>(a, 14);
  c = (c ^ b) - rotl<u32>(b, 24);
  return ((<u64>b) << 32) | c;
}

/** `hash_bytes_extended`: the hash of a text with a deterministic collation. Reads up to 12 bytes past `end`. */
export function hashBytes(at: usize, end: usize): u64 {
  let left = <u32>(end - at);
  let a: u32 = START + left;
  let b = a;
  let c = a;
  while (left >= 12) {
    a += load<u32>(at);
    b += load<u32>(at, 4);
    c += load<u32>(at, 8);
    a = (a - c) ^ rotl<u32>(c, 4);
    c += b;
    b = (b - a) ^ rotl<u32>(a, 6);
    a += c;
    c = (c - b) ^ rotl<u32>(b, 8);
    b += a;
    a = (a - c) ^ rotl<u32>(c, 16);
    c += b;
    b = (b - a) ^ rotl<u32>(a, 19);
    a += c;
    c = (c - b) ^ rotl<u32>(b, 4);
    b += a;
    at += 12;
    left -= 12;
  }
  // The bytes past the end count as zero.
  let first = load<u64>(at);
  if (left < 8) {
    first &= ((<u64>1) << (left << 3)) - 1;
  } else {
    // The lowest byte of c is reserved for the length.
    c += (load<u32>(at, 8) & (((<u32>1) << ((left - 8) << 3)) - 1)) << 8;
  }
  return final(a + <u32>first, b + <u32>(first >> 32), c);
}

/** `hashint8extended`, which hashes an equal integer or smallint alike. */
export function hashInteger(value: i64): u64 {
  const high = <u32>(value >> 32);
  const start = START + 4;
  return final(start + ((<u32>value) ^ (value >= 0 ? high : ~high)), start, start);
}
