import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

const text = `cid,review_str\n${'1,żółć 😀\n'.repeat(1_000)}`;

/** A body in chunks of this many bytes. */
async function* inChunks(content: Uint8Array, size: number) {
  for (let at = 0; at < content.length; at += size) {
    yield await Promise.resolve(content.subarray(at, at + size));
  }
}

const read = (content: string | Uint8Array, size = 1 << 16) =>
  buffer(plainText('r.csv', inChunks(Buffer.from(content), size)));

describe('the text of a file', () => {
  it.each([1, 3, 1 << 16])('is its bytes, in chunks of %i', async (size) => {
    for (const content of ['', 'a', 'abc', 'PK', text]) {
      expect((await read(content, size)).toString()).toBe(content);
    }
  });

  it.each([1, 7, 1 << 16])('is unpacked, in chunks of %i, whatever its name', async (size) => {
    expect((await read(gzipSync(text), size)).equals(Buffer.from(text))).toBe(true);
  });

  it('is that of every member of a gzip file', async () => {
    const parts = [gzipSync('cid,review_str\n'), gzipSync('1,a\n')];
    expect((await read(Buffer.concat(parts))).toString()).toBe('cid,review_str\n1,a\n');
  });
});

describe('a file that is not text in UTF-8', () => {
  const packed = gzipSync(text);
  const flipped = Buffer.from(packed);
  flipped.writeUInt8(flipped.readUInt8(packed.length - 6) ^ 1, packed.length - 6);
  it.each<[string, Uint8Array]>([
    ['UTF-16', Buffer.from('\ufeffcid,review_str\n', 'utf16le')],
    ['UTF-16', Buffer.from('\ufeffcid,review_str\n', 'utf16le').swap16()],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x63, 0, 0, 0])],
    ['UTF-32', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x63])],
    ['a ZIP archive', Buffer.from('PK\u0003\u0004rest')],
    ['compressed with zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1])],
    ['compressed with xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
    ['compressed with bzip2', Buffer.from('BZh9rest')],
    ['a Parquet file', Buffer.from('PAR1rest')],
    ['compressed with gzip, but damaged or cut short', packed.subarray(0, 100)],
    ['compressed with gzip, but damaged or cut short', packed.subarray(0, 2)],
    ['compressed with gzip, but damaged or cut short', flipped],
    [
      'compressed with gzip, but damaged or cut short',
      Buffer.concat([packed, Buffer.from('1,more\n')]),
    ],
  ])('is named: %s', async (format, content) => {
    for (const size of [1, 1 << 16]) {
      await expect(read(content, size)).rejects.toMatchObject({
        kind: 'data',
        message: expect.stringContaining(`r.csv is ${format}`) as string,
      });
    }
  });
});

describe('a failure of the source', () => {
  it.each([
    ['plain', Buffer.from(text)],
    ['packed', gzipSync(text)],
  ])('is passed on for %s text, at any time', async (_, content) => {
    for (const after of [0, 1, content.length]) {
      async function* failing() {
        if (after > 0) yield await Promise.resolve(content.subarray(0, after));
        throw new Error('gone');
      }
      await expect(buffer(plainText('r.csv', failing()))).rejects.toThrow('gone');
    }
  });

  it('closes the source when its reader stops', async () => {
    for (const content of [Buffer.from(text), gzipSync(text), Buffer.from('PK\u0003\u0004')]) {
      let isClosed = false;
      async function* closing() {
        try {
          for (;;) yield await Promise.resolve(content);
        } finally {
          isClosed = true;
        }
      }
      try {
        const chunks = plainText('r.csv', closing());
        await chunks.next();
        await chunks.return();
      } catch {
        // The archive is refused.
      }
      await expect.poll(() => isClosed).toBe(true);
    }
  });
});
