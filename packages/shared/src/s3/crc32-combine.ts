/**
 * Computes the CRC-32 of two concatenated texts from the CRC-32 of each. A CRC is the remainder of a
 * polynomial over GF(2). The first CRC is multiplied by x^n, where n is the number of bits in the
 * second text, and the second CRC is added. As in zlib, bits are reflected: the highest bit is the
 * coefficient of x^0.
 */
const polynomial = 0xedb88320;
const one = 0x80000000;

function multiply(a: number, b: number): number {
  let product = 0;
  let power = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= power;
    power = (power & 1) === 1 ? (power >>> 1) ^ polynomial : power >>> 1;
  }
  return product >>> 0;
}

/** Returns x^n, where n is the number of bits in `bytes` bytes. */
function shift(bytes: number): number {
  let result = one;
  let power = 0x00800000; // x^8
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

/** `secondBytes` is the length of the second text, up to 2^53. */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  return (multiply(first, shift(secondBytes)) ^ second) >>> 0;
}
