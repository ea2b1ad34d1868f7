import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineCrc32 } from './crc32-combine.ts';

describe('combineCrc32', () => {
  it('returns the checksum of the whole text for any cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 300 }), (text, cut) => {
        const [first, second] = [text.subarray(0, cut), text.subarray(cut)];
        expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(text));
      }),
    );
  });

  it('is correct beyond 4 GiB', () => {
    const zeros = crc32(Buffer.alloc(1024 ** 2));
    let sum = 0;
    for (let count = 0; count < 6 * 1024; count += 1) sum = combineCrc32(sum, zeros, 1024 ** 2);
    let doubled = zeros;
    for (let bytes = 1024 ** 2; bytes < 2 * 1024 ** 3; bytes *= 2) {
      doubled = combineCrc32(doubled, doubled, bytes);
    }
    const four = combineCrc32(doubled, doubled, 2 * 1024 ** 3);
    expect(combineCrc32(four, doubled, 2 * 1024 ** 3)).toBe(sum);
  });
});
