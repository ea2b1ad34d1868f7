/**
 * The 64-bit hashes of PostgreSQL's src/common/hashfn.c with seed 0, which are Bob Jenkins's lookup3, on a server
 * whose processor is little-endian. Hash-partitioned tables depend on them, so they do not change between versions.
 */
const START: u32 = 0x9e3779b9 + 3923095;

let a: u32 = 0;
let b: u32 = 0;
let c: u32 = 0;

function mix(): void {
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
}

function final(): u64 {
  c = (c ^ b) - rotl<u32>(b, 14);
  a = (a ^ c) - rotl<u32>(c, 11);
  b = (b ^ a) - rotl<u32>(a, 25);
  c = (c ^ b) - rotl<u32>(b, 16);
  a = (a ^ c) - rotl<u32>(c, 4);
  b = (b ^ a) - rotl<u32>(a, 14);
  c = (c ^ b) - rotl<u32>(b, 24);
  return ((<u64>b) << 32) | c;
}

/** The first `count` bytes, 0 to 4, at the address; the others are zero. */
function firstBytes(at: usize, count: u32): u32 {
  if (count >= 4) return load<u32>(at);
  return load<u32>(at) & (((<u32>1) << (count << 3)) - 1);
}

/** `hash_bytes_extended`: the hash of a text with a deterministic collation. Reads up to 11 bytes past `end`. */
export function hashBytes(at: usize, end: usize): u64 {
  let left = <u32>(end - at);
  a = START + left;
  b = a;
  c = a;
  while (left >= 12) {
    a += load<u32>(at);
    b += load<u32>(at, 4);
    c += load<u32>(at, 8);
    mix();
    at += 12;
    left -= 12;
  }
  a += firstBytes(at, left);
  if (left > 4) b += firstBytes(at + 4, left - 4);
  // The lowest byte of c is reserved for the length.
  if (left > 8) c += firstBytes(at + 8, left - 8) << 8;
  return final();
}

/** `hashint8extended`, which hashes an equal integer or smallint alike. */
export function hashInteger(value: i64): u64 {
  const high = <u32>(value >> 32);
  a = START + 4;
  b = a;
  c = a;
  a += (<u32>value) ^ (value >= 0 ? high : ~high);
  return final();
}
