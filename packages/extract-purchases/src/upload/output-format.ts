/** The formats that a day can be written in: plain CSV, or compressed as Redshift Spectrum reads it. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Spectrum tells the compression by the end of the name and knows gzip, bzip2 and Snappy, for text
 * of every SerDe (Redshift guide, c-spectrum-data-files); Zstandard only COPY and UNLOAD know.
 */
export const outputFormats = ['csv', 'csv.gz'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const contentTypes: Readonly<Record<OutputFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  'csv.gz': 'application/gzip',
};

/** The name of a CSV file in this format. */
export const formatName = (csv: string, format: OutputFormat): string =>
  csv.replace(/\.csv$/, `.${format}`);

/** Bytes that the compressor gets at a time, so that its output does not depend on how they arrive. */
const block = 65_536;

/**
 * The bytes in this format. Each call makes a whole gzip member, and members one after another are
 * one gzip file (RFC 1952, 2.2): so every range of a day can be compressed by itself. Equal bytes
 * make an equal member, whatever the pieces in which they come.
 */
export async function* encode(
  format: OutputFormat,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  if (format === 'csv') {
    yield* bytes;
    return;
  }
  const gzip = createGzip({ level: 1, chunkSize: 4 * block });
  const fed = pipeline(blocks(bytes), gzip);
  // A failure also ends the reading below; until then it must not count as unhandled.
  fed.catch(() => undefined);
  try {
    yield* gzip as Readable & AsyncIterable<Uint8Array>;
    await fed;
  } finally {
    gzip.destroy();
    // The source has let go of what it holds before the caller goes on.
    await fed.catch(() => undefined);
  }
}

async function* blocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let filling = Buffer.allocUnsafe(block);
  let filled = 0;
  for await (const piece of bytes) {
    for (let start = 0; start < piece.length;) {
      const taken = piece.subarray(start, start + block - filled);
      filling.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < block) continue;
      yield filling;
      // The compressor may still hold the last one.
      filling = Buffer.allocUnsafe(block);
      filled = 0;
    }
  }
  if (filled > 0) yield filling.subarray(0, filled);
}
