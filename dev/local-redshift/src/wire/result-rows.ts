/** Reads a result for the client, as many rows as it asks for at a time. */
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { encodeValue, type ResultColumn } from './values/column-types.ts';
import { dataRow } from './server-messages.ts';

export class ResultRows {
  readonly #blocks: AsyncIterator<DuckDBValue[][]>;
  readonly #columns: readonly ResultColumn[];
  readonly #formats: readonly number[];
  #block: readonly DuckDBValue[][] = [];
  #count = 0;

  constructor(
    result: Pick<DuckDBResult, 'yieldRows'>,
    columns: readonly ResultColumn[],
    formats: readonly number[],
  ) {
    this.#blocks = result.yieldRows();
    this.#columns = columns;
    this.#formats = formats;
  }

  /** The rows that have been read. */
  get count(): number {
    return this.#count;
  }

  /** Messages for at most `limit` rows, a block at a time; 0 is no limit. Returns whether the limit was reached. */
  async *take(limit: number): AsyncGenerator<Buffer, boolean> {
    let left = limit === 0 ? Infinity : limit;
    while (left > 0) {
      if (this.#block.length === 0) {
        const next = await this.#blocks.next();
        if (next.done === true) return false;
        this.#block = next.value;
      }
      const rows = this.#block.slice(0, left);
      this.#block = this.#block.slice(rows.length);
      this.#count += rows.length;
      left -= rows.length;
      yield Buffer.concat(rows.map((row) => this.#encode(row)));
    }
    return true;
  }

  #encode(row: readonly DuckDBValue[]): Buffer {
    return dataRow(
      this.#columns.map(({ oid }, at) =>
        encodeValue(row[at] ?? null, oid, isBinary(this.#formats, at)),
      ),
    );
  }
}

/** The format of one of several values: none means text for all, one applies to all. */
export function isBinary(formats: readonly number[], index: number): boolean {
  return (formats.length === 1 ? formats[0] : formats[index]) === 1;
}
