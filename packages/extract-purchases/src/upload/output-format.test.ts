import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { encode, formatName } from './output-format.ts';

const text = Buffer.from(
  Array.from(
    { length: 20_000 },
    (_, n) => `${String(n)},"A, ""B""",${String((n * 7_919) % 997)}\n`,
  ).join(''),
);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

async function all(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

describe('csv', () => {
  it('is what comes in', async () => {
    expect(await all(encode('csv', inPieces(text, 1_000)))).toEqual(text);
    expect(formatName('a.csv', 'csv')).toBe('a.csv');
  });
});

describe('csv.gz', () => {
  it('holds what comes in, smaller, under a name that says so', async () => {
    const packed = await all(encode('csv.gz', inPieces(text, 1_000)));
    expect(gunzipSync(packed)).toEqual(text);
    expect(packed.length).toBeLessThan(text.length / 2);
    expect(formatName('a.csv', 'csv.gz')).toBe('a.csv.gz');
  });

  it('is the same however the bytes come, so that a rerun is recognised', async () => {
    const whole = await all(encode('csv.gz', inPieces(text, text.length)));
    for (const size of [13, 977, 65_535, 65_536, 65_537, 200_000]) {
      expect((await all(encode('csv.gz', inPieces(text, size)))).equals(whole)).toBe(true);
    }
  });

  it('of several ranges, one after another, is one file', async () => {
    const ranges = [text.subarray(0, 100_000), text.subarray(100_000)];
    const packed = await Promise.all(
      ranges.map((range) => all(encode('csv.gz', inPieces(range, 8_192)))),
    );
    expect(gunzipSync(Buffer.concat(packed))).toEqual(text);
  });

  it('of nothing is an empty file', async () => {
    const packed = await all(encode('csv.gz', inPieces(Buffer.alloc(0), 1)));
    expect(gunzipSync(packed)).toEqual(Buffer.alloc(0));
  });

  it('fails as its source fails', async () => {
    const failure = new Failure('transient', 'the connection was lost');
    const failing = async function* () {
      yield* inPieces(text, 1_000);
      throw failure;
    };
    await expect(all(encode('csv.gz', failing()))).rejects.toBe(failure);
  });

  it('lets go of its source when the reader goes away', async () => {
    let released = false;
    const endless = async function* () {
      try {
        for (;;) yield* inPieces(text, 65_536);
      } finally {
        released = true;
      }
    };
    for await (const piece of encode('csv.gz', endless())) if (piece.length > 0) break;
    expect(released).toBe(true);
  });
});
