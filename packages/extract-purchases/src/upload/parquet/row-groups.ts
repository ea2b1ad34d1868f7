/** Divides a file's rows into row groups. */
import type { RecordBatch } from 'apache-arrow';
import { Failure } from '@user-behaviour/shared/failure';
import { byteOf } from './csv-values.ts';
import { type GroupLimits, PurchaseColumns } from './purchase-columns.ts';

/** Each batch is valid until the next one is asked for. */
export class RowGroups implements AsyncIterable<RecordBatch> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #expectedRows: () => number;
  readonly #columns: PurchaseColumns;
  readonly #stopped = Promise.withResolvers<undefined>();

  /** The chunks begin with a header and end with rows. `expectedRows` says at the end how many rows they had. */
  constructor(chunks: AsyncIterable<Uint8Array>, expectedRows: () => number, limits: GroupLimits) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#expectedRows = expectedRows;
    this.#columns = new PurchaseColumns(limits);
  }

  /** Ends the batches, even if the next chunk never comes. */
  stop(): void {
    this.#stopped.resolve(undefined);
    // Resolves only when a chunk that is awaited has come.
    this.#chunks.return?.().catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void> {
    const columns = this.#columns;
    // The schema of a file without rows.
    yield columns.takeBatch();
    let written = 0;
    let isHeader = true;
    for (;;) {
      const next = await Promise.race([this.#chunks.next(), this.#stopped.promise]);
      if (next === undefined) return;
      if (next.done === true) break;
      const { buffer, byteOffset, length } = next.value;
      const csv = Buffer.from(buffer, byteOffset, length);
      let at = isHeader ? csv.indexOf(byteOf.lineFeed) + 1 : 0;
      isHeader = false;
      while (at < csv.length) {
        at = columns.take(csv, at);
        if (!columns.isFull) continue;
        written += columns.rows;
        yield columns.takeBatch();
      }
    }
    written += columns.rows;
    if (columns.rows > 0) yield columns.takeBatch();
    const expected = this.#expectedRows();
    if (written !== expected) {
      throw new Failure(
        'bug',
        `${String(written)} rows were written to Parquet, expected the ${String(expected)} that were read`,
      );
    }
  }
}
