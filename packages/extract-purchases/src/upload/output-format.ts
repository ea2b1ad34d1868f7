/** The formats of a day's files: plain CSV, compressed in a way that Redshift Spectrum reads, or Parquet. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * For text, Spectrum recognises gzip, bzip2 and Snappy by the end of the file name (Redshift guide,
 * "Data files for queries in Amazon Redshift Spectrum"). Only COPY and UNLOAD know Zstandard.
 */
export const outputFormats = ['csv', 'csv.gz', 'parquet'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const contentTypes: Readonly<Record<OutputFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  'csv.gz': 'application/gzip',
  // As registered with IANA.
  parquet: 'application/vnd.apache.parquet',
};

/** Returns the name of a `.csv` file in this format, e.g. `purchases.csv.gz`. */
export const formatName = (csv: string, format: OutputFormat): string =>
  csv.replace(/\.csv$/, `.${format}`);

/** Bytes that the compressor gets at a time. */
const blockBytes = 65_536;

/**
 * Encodes chunks of CSV, which end with whole rows, in this format. At the end, `rows` says how many they had, without the
 * header. Each call for `csv.gz` yields one gzip member, and a sequence of
 * members is a valid gzip file (RFC 1952, section 2.2). Equal bytes yield equal members, regardless of
 * how they are split into chunks, so that a rerun with the same data produces the same file.
 */
export async function* encode(
  format: OutputFormat,
  chunks: AsyncIterable<Uint8Array>,
  rows: () => number,
): AsyncGenerator<Uint8Array, void> {
  if (format === 'csv') {
    yield* chunks;
    return;
  }
  if (format === 'parquet') {
    const { encodeParquet } = await import('./parquet/encode-parquet.ts');
    yield* encodeParquet(chunks, rows);
    return;
  }
  const gzip = createGzip({ level: 1, chunkSize: 4 * blockBytes });
  const fed = pipeline(inBlocks(chunks), gzip);
  // A failure also ends the loop below; until then it must not count as unhandled.
  fed.catch(() => undefined);
  try {
    yield* gzip as Readable & AsyncIterable<Uint8Array>;
    await fed;
  } finally {
    gzip.destroy();
    // The source has released its memory before the caller continues.
    await fed.catch(() => undefined);
  }
}

async function* inBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let block = Buffer.allocUnsafe(blockBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const piece = chunk.subarray(start, start + blockBytes - filled);
      block.set(piece, filled);
      filled += piece.length;
      start += piece.length;
      if (filled < blockBytes) continue;
      yield block;
      // The compressor may still hold the previous block.
      block = Buffer.allocUnsafe(blockBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
