import type { DuckDBValue } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { oids } from './values/column-types.ts';
import { ResultRows } from './result-rows.ts';

const columns = [{ name: 'a', oid: oids.int4, size: 4, modifier: -1 }];

/** A result in blocks of two rows; `read` counts the blocks that were read. */
function result(blocks: number) {
  const read = { blocks: 0 };
  async function* yieldRows(): AsyncIterableIterator<DuckDBValue[][]> {
    for (; read.blocks < blocks;) {
      read.blocks += 1;
      yield await Promise.resolve([[read.blocks], [read.blocks]]);
    }
  }
  return { read, rows: new ResultRows({ yieldRows }, columns, []) };
}

/** The first bytes of each message: its letter. */
async function take(rows: ResultRows, limit: number) {
  const blocks = rows.take(limit);
  const lengths: number[] = [];
  for (;;) {
    const next = await blocks.next();
    if (next.done === true) return { lengths, more: next.value };
    // A row with one digit has 12 bytes.
    lengths.push(next.value.length / 12);
  }
}

describe('ResultRows', () => {
  it('reads a block when the one before it was taken, so that one is held at a time', async () => {
    const { read, rows } = result(3);
    const blocks = rows.take(0);
    expect(read.blocks).toBe(0);
    await blocks.next();
    expect(read.blocks).toBe(1);
    await blocks.next();
    expect(read.blocks).toBe(2);
  });

  it('takes as many rows as are asked for, across blocks, and says when there are no more', async () => {
    const { rows } = result(2);
    expect(await take(rows, 3)).toEqual({ lengths: [2, 1], more: true });
    expect(rows.count).toBe(3);
    expect(await take(rows, 3)).toEqual({ lengths: [1], more: false });
    expect(await take(rows, 3)).toEqual({ lengths: [], more: false });
    expect(rows.count).toBe(4);
  });
});
