import { describe, expect, it } from 'vitest';
import { decodeUtf8, invalidByte } from './utf8-text.ts';

/** The text of the bytes, cut into pieces of this size. */
async function decoded(bytes: Buffer, size: number): Promise<string> {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  };
  return (await Array.fromAsync(decodeUtf8(pieces()))).join('');
}

describe('decodeUtf8', () => {
  it.each([1, 2, 3, 5, 100])('joins characters that pieces of %d bytes split', async (size) => {
    const text = 'aä€😀\uFFFD\n';
    expect(await decoded(Buffer.from(text), size)).toBe(text);
  });

  it('marks nothing in any valid text, and finds a mark next to any character', async () => {
    const every = ['\uD800\uDC00', '\uD800\uDC80', '\uDBFF\uDFFF', '\uDBFF\uDC80', '\uFFFE'];
    for (const before of every) {
      for (const after of every) {
        const text = before + after;
        expect(text.includes(invalidByte)).toBe(false);
        expect(await decoded(Buffer.from(text), 3)).toBe(text);
        const bytes = Buffer.concat([Buffer.from(before), Buffer.of(0xff), Buffer.from(after)]);
        expect((await decoded(bytes, 100)).replaceAll(invalidByte, '?')).toBe(`${before}?${after}`);
      }
    }
  });

  it.each([
    ['Latin-1', [0x61, 0xfc, 0x62], `a${invalidByte}b`],
    ['a lone continuation', [0x61, 0x80], `a${invalidByte}`],
    ['an unfinished character', [0x61, 0xe2, 0x82], `a${invalidByte}${invalidByte}`],
    ['a surrogate', [0xed, 0xa0, 0x80, 0x61], `${invalidByte.repeat(3)}a`],
    ['text around it', [0xc3, 0xa4, 0xff, 0xc3, 0xb6], `ä${invalidByte}ö`],
  ])('marks %s', async (_, bytes, text) => {
    expect(await decoded(Buffer.from(bytes), 100)).toBe(text);
    expect(await decoded(Buffer.from(bytes), 1)).toBe(text);
  });
});
