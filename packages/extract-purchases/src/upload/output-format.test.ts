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

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

/** Only Parquet compares the number of rows. */
const encoded = (format: 'csv' | 'csv.gz', chunks: AsyncIterable<Uint8Array>) =>
  encode(format, chunks, () => 0);

async function all(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe('encode to csv', () => {
  it('yields its input', async () => {
    expect((await all(encoded('csv', inChunks(text, 1_000)))).equals(text)).toBe(true);
  });
});

describe('encode to csv.gz', () => {
  it('yields a smaller gzip file of its input', async () => {
    const packed = await all(encoded('csv.gz', inChunks(text, 1_000)));
    expect(gunzipSync(packed).equals(text)).toBe(true);
    expect(packed.length).toBeLessThan(text.length / 2);
  });

  it('yields equal bytes for any chunks, so that a rerun is recognised', async () => {
    const whole = await all(encoded('csv.gz', inChunks(text, text.length)));
    for (const size of [13, 977, 65_535, 65_536, 65_537, 200_000]) {
      expect((await all(encoded('csv.gz', inChunks(text, size)))).equals(whole)).toBe(true);
    }
  });

  it('yields members that form one file in sequence', async () => {
    const ranges = [text.subarray(0, 100_000), text.subarray(100_000)];
    const packed = await Promise.all(
      ranges.map((range) => all(encoded('csv.gz', inChunks(range, 8_192)))),
    );
    expect(gunzipSync(Buffer.concat(packed)).equals(text)).toBe(true);
  });

  it('yields an empty gzip file for no input', async () => {
    const packed = await all(encoded('csv.gz', inChunks(Buffer.alloc(0), 1)));
    expect(gunzipSync(packed)).toEqual(Buffer.alloc(0));
  });

  it('throws the error of its source', async () => {
    const failure = new Failure('transient', 'the connection was lost');
    const failing = async function* () {
      yield* inChunks(text, 1_000);
      throw failure;
    };
    await expect(all(encoded('csv.gz', failing()))).rejects.toBe(failure);
  });

  it('closes its source when the reader stops early', async () => {
    let released = false;
    const endless = async function* () {
      try {
        for (;;) yield* inChunks(text, 65_536);
      } finally {
        released = true;
      }
    };
    for await (const chunk of encoded('csv.gz', endless())) if (chunk.length > 0) break;
    expect(released).toBe(true);
  });
});

it.each([
  ['csv', 'a.csv'],
  ['csv.gz', 'a.csv.gz'],
  ['parquet', 'a.parquet'],
] as const)('formatName gives a file in %s the name %s', (format, name) => {
  expect(formatName('a.csv', format)).toBe(name);
});
