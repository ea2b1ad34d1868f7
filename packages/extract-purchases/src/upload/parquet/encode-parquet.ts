/**
 * Encodes purchases as Parquet, by the writer of Apache Arrow for Rust in WebAssembly. A bundle has it in a part of its
 * own, which is loaded for this format only (tools/bundle/parts.mjs).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { type RecordBatch, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  initSync,
  type RecordBatch as EncoderBatch,
  Table as EncoderTable,
  transformParquetStream,
  WriterPropertiesBuilder,
  WriterVersion,
} from 'parquet-wasm/esm';
import { type GroupLimits, groupLimits } from './purchase-columns.ts';
import { RowGroups } from './row-groups.ts';

/** The WebAssembly binary, compressed by gzip, in base64, which tools/bundle.mjs defines in a bundle. */
declare const BUNDLED_PARQUET_WRITER: string;

const file = 'parquet-wasm/esm/parquet_wasm_bg.wasm';

const binary = () =>
  typeof BUNDLED_PARQUET_WRITER === 'undefined'
    ? readFileSync(createRequire(import.meta.url).resolve(file))
    : gunzipSync(Buffer.from(BUNDLED_PARQUET_WRITER, 'base64'));

/** Once a process; a second call would do nothing. */
let isReady = false;

/**
 * Every reader knows pages of version 1; the second version is not read everywhere. Snappy is the compression that
 * Spark writes as well.
 */
function writerProperties(limits: GroupLimits) {
  return new WriterPropertiesBuilder()
    .setWriterVersion(WriterVersion.V1)
    .setCompression(Compression.SNAPPY)
    .setMaxRowGroupSize(limits.rows)
    .setMaxRowGroupBytes(4 * limits.textBytes)
    .build();
}

/**
 * Encodes chunks of whole CSV rows below a header as one Parquet file, a row group at a time. Equal rows yield equal
 * bytes, however they are split into chunks, so that a rerun with the same data produces the same file.
 * @param expectedRows asked once at the end: how many rows the chunks had.
 * @throws a bug if another number of rows was written.
 */
export async function* encodeParquet(
  chunks: AsyncIterable<Uint8Array>,
  expectedRows: () => number,
  limits = groupLimits,
): AsyncGenerator<Uint8Array, void> {
  if (!isReady) initSync({ module: binary() });
  isReady = true;
  const groups = new RowGroups(chunks, expectedRows, limits);
  const input = new EncoderInput(groups);
  const encoded = (await transformParquetStream(
    ReadableStream.from(input),
    writerProperties(limits),
  )) as ReadableStream<Uint8Array>;
  const reader = encoded.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      input.throwFailure();
      if (done) return;
      yield value;
    }
  } finally {
    groups.stop();
    // Cancelling the writer would leave its memory behind.
    while (!(await reader.read()).done);
  }
}

/** The batches in the memory of the encoder, which frees each when it has encoded it. */
class EncoderInput implements AsyncIterable<EncoderBatch> {
  readonly #groups: AsyncIterable<RecordBatch>;
  #failure: { readonly error: unknown } | undefined;

  constructor(groups: AsyncIterable<RecordBatch>) {
    this.#groups = groups;
  }

  /** The encoder takes a failure of its input for the end of it. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EncoderBatch, void> {
    try {
      for await (const batch of this.#groups) {
        const table = EncoderTable.fromIPCStream(tableToIPC(new Table([batch]), 'stream'));
        const batches = table.recordBatches();
        table.free();
        yield* batches;
      }
    } catch (error) {
      this.#failure = { error };
    }
  }
}
