/** Decodes text files and keeps the bytes that are not UTF-8 recognizable. */
import { isUtf8 } from 'node:buffer';

/**
 * Stands for one byte that is not UTF-8. Valid text never contains it: there, a low surrogate follows every high one.
 * It begins with a high one, so that it is found even next to other characters beyond U+FFFF.
 */
export const invalidByte = '\uD800\uD800';

/** The text of the pieces, whose boundaries may split characters. */
export async function* decodeUtf8(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.length - incompleteTail(bytes);
    yield decode(bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
  yield decode(rest);
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = bytes.subarray(at, at + lengthOf(bytes[at] ?? 0));
    const valid = isUtf8(character);
    text += valid ? character.toString('utf8') : invalidByte;
    at += valid ? character.length : 1;
  }
  return text;
}

/** How many bytes at the end begin a character that the next piece may complete. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** The length of the character that begins with this byte. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}
