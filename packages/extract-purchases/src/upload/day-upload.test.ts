import { PassThrough } from 'node:stream';
import { crc32, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Connection } from 'pg';
import { describe, expect, it } from 'vitest';
import { csvRow, endOfCopy, wireRow } from '@user-behaviour/source/test/copy-text';
import { ObjectStore } from '../../test/object-store.ts';
import { CopyOut } from '../copy/copy-protocol.ts';
import { createConnectionBuffers } from './connection-buffers.ts';
import { DayUpload, maxParts, partsPerRange } from './day-upload.ts';
import { formatName, type OutputFormat } from './output-format.ts';
import { partSizes } from './part-buffers.ts';

/** A thousandth of S3's sizes. */
const sizes = { max: 6 * 1024, min: 5 * 1024 };
const header = 'a,b\n';
const key = 'stage/day.csv';

const connections = await Promise.all([1, 2, 3].map(() => createConnectionBuffers(sizes)));

/** Rows of about 45 bytes, all different. */
const rowsOf = (range: number, count: number) =>
  Array.from({ length: count }, (_, n) => [`${String(range)}:${String(n)}`, '"'.repeat(n % 40)]);

interface Plan {
  /** Rows of each range. */
  readonly counts: readonly number[];
  readonly connections: number;
  readonly fileBytes?: number;
  readonly format?: OutputFormat;
  readonly ownsKeys?: boolean;
  /** Called when a range has begun. */
  readonly onRange?: (range: number) => void;
}

/** Copies ranges as a snapshot does: each connection takes the next range when it has finished one. */
async function upload(store: ObjectStore, plan: Plan) {
  const { counts, fileBytes = 1e9, format = 'csv', ownsKeys = true } = plan;
  const day = new DayUpload({
    target: {
      s3: store.client,
      bucket: 'stages',
      key: formatName(key, format),
      contentType: 'text/csv',
      signal: new AbortController().signal,
    },
    header: Buffer.from(header),
    ranges: counts.length,
    sizes,
    fileBytes,
    format,
    ownsKeys,
  });
  const queue = counts.entries();
  const work = async (buffers: (typeof connections)[number]) => {
    for (const [range, count] of queue) {
      const target = await day.beginRange(range, buffers);
      plan.onRange?.(range);
      const copy = new CopyOut('copy', buffers.scanner, target);
      const stream = new PassThrough();
      // As node-postgres does when it gets the messages that are not rows.
      stream.on('data', () => {
        copy.handleCommandComplete({ text: `COPY ${String(count)}` });
        copy.handleReadyForQuery();
      });
      copy.submit({ stream, query: () => undefined } as unknown as Connection);
      const input = Buffer.concat([...rowsOf(range, count).map(wireRow), endOfCopy(count)]);
      for (let at = 0; at < input.length; at += 1_000) stream.write(input.subarray(at, at + 1_000));
      expect(await copy.done).toBe(count);
      await target.finish();
    }
  };
  try {
    await Promise.all(connections.slice(0, plan.connections).map(work));
    return await day.complete();
  } catch (error) {
    day.fail(error);
    await day.abandon();
    throw error;
  }
}

const csvOf = (counts: readonly number[]) =>
  header + counts.flatMap((count, range) => rowsOf(range, count).map(csvRow)).join('');

describe('DayUpload of plain CSV', () => {
  it('joins the ranges to one file, in order and in parts that S3 accepts, however many rows each has', async () => {
    const counts = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 600 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 1, max: 3 }), async (rows, used) => {
        const store = new ObjectStore(sizes.min);
        const files = await upload(store, { counts: rows, connections: used });
        const text = csvOf(rows);
        expect(store.text(key)).toBe(text);
        expect(store.uploads.size).toBe(0);
        expect(files).toMatchObject([
          {
            key,
            bytes: text.length,
            rows: rows.reduce((sum, count) => sum + count, 0),
            crc32: crc32(text).toString(16).padStart(8, '0'),
          },
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same files, whatever the number of connections', async () => {
    const counts = [500, 500, 3];
    const one = await upload(new ObjectStore(sizes.min), { counts, connections: 1 });
    const two = await upload(new ObjectStore(sizes.min), { counts, connections: 2 });
    expect(two).toEqual(one);
    const [whole] = await upload(new ObjectStore(sizes.min), { counts: [500], connections: 1 });
    expect(whole?.rowHash).not.toBe(one[0]?.rowHash);
  });

  it('writes a small day in one request', async () => {
    const store = new ObjectStore(sizes.min);
    await upload(store, { counts: [3, 0, 2], connections: 2 });
    expect(store.parts.get(key)).toBe(0);
  });

  it('overwrites no part that is still being uploaded', async () => {
    const store = new ObjectStore(sizes.min);
    store.beforePart = async (number) => {
      for (let turn = 0; turn < (number * 7) % 5; turn += 1) await new Promise(setImmediate);
    };
    const counts = [700, 20, 900];
    await upload(store, { counts, connections: 2 });
    expect(store.text(key)).toBe(csvOf(counts));
  });

  it('stops all ranges if a part cannot be stored, and leaves nothing behind', async () => {
    const store = new ObjectStore(sizes.min);
    store.beforePart = () => {
      throw new Error('SlowDown');
    };
    const copy = upload(store, { counts: [900, 900], connections: 2 });
    await expect(copy).rejects.toThrow('SlowDown');
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
  });
});

describe('DayUpload of csv.gz', () => {
  it('writes one file for each range, with the header and the rows of the range', async () => {
    const counts = [900, 0, 700];
    const store = new ObjectStore(0);
    const files = await upload(store, { counts, connections: 2, format: 'csv.gz' });
    expect(files.map((file) => [file.key, file.rows])).toEqual([
      ['stage/day.csv.gz', 900],
      ['stage/day-01000.csv.gz', 0],
      ['stage/day-02000.csv.gz', 700],
    ]);
    const texts = files.map((file) => gunzipSync(store.objects.get(file.key) ?? '').toString());
    for (const text of texts) expect(text.startsWith(header)).toBe(true);
    expect(header + texts.map((text) => text.slice(header.length)).join('')).toBe(csvOf(counts));
    const again = await upload(new ObjectStore(0), { counts, connections: 3, format: 'csv.gz' });
    expect(again).toEqual(files);
  });

  it('has stored a file before its connection begins another one, in any range', async () => {
    const store = new ObjectStore(0);
    const stored: number[] = [];
    const onRange = () => stored.push(store.objects.size);
    const fileBytes = 8 * sizes.max;
    const counts = [2_500, 10, 0, 20];
    const plan = { counts, connections: 1, fileBytes, format: 'csv.gz', onRange } as const;
    const files = await upload(store, plan);
    const keys = ['', '-00000', '-00001', '-01000', '-02000', '-03000'];
    expect(files.map((file) => file.key)).toEqual(keys.map((n) => `stage/day${n}.csv.gz`));
    // The first range has three files.
    expect(stored).toEqual([0, 3, 4, 5]);
    expect(await upload(new ObjectStore(0), { ...plan, connections: 2 })).toEqual(files);
  });

  it.each([
    ['removes the files that are stored when a later one fails', true, 0],
    ['keeps them if another attempt may have published the same keys', false, 2],
  ])('%s', async (_, ownsKeys, left) => {
    const store = new ObjectStore(0);
    store.beforeWhole = () => {
      if (store.objects.size === 2) throw new Error('SlowDown');
    };
    const plan = { counts: [900, 900, 900], connections: 1, format: 'csv.gz', ownsKeys } as const;
    await expect(upload(store, plan)).rejects.toThrow('SlowDown');
    expect([store.uploads.size, store.objects.size]).toEqual([0, left]);
  });

  it('stops if a file cannot be stored, and leaves nothing behind', async () => {
    const store = new ObjectStore(0);
    store.beforeWhole = () => {
      throw new Error('SlowDown');
    };
    const copy = upload(store, { counts: [900, 900], connections: 2, format: 'csv.gz' });
    await expect(copy).rejects.toThrow('SlowDown');
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
  });
});

describe('DayUpload beyond the file size', () => {
  it('continues in further files with the header, none of which exceeds the size', async () => {
    const store = new ObjectStore(sizes.min);
    const fileBytes = 8 * sizes.max;
    const counts = [2_500, 10, 3_000];
    const files = await upload(store, { counts, connections: 2, fileBytes });
    expect(files.map((file) => file.key)).toEqual([
      key,
      'stage/day-00000.csv',
      'stage/day-00001.csv',
      'stage/day-00002.csv',
      'stage/day-02000.csv',
      'stage/day-02001.csv',
      'stage/day-02002.csv',
    ]);
    const lines: string[] = [];
    for (const file of files) {
      expect(file.bytes).toBeLessThanOrEqual(fileBytes);
      const [first, ...rest] = store.text(file.key).split(/(?<=\n)/);
      expect(first).toBe(header);
      expect(file.rows).toBe(rest.length);
      lines.push(...rest);
    }
    expect(lines.sort()).toEqual(
      csvOf(counts)
        .slice(header.length)
        .split(/(?<=\n)/)
        .sort(),
    );
  });

  const gibibyte = 1024 ** 3;

  it.each([1, 2, 8, 256])('fits 60 GiB in %d ranges into the limits of S3', (ranges) => {
    const fileBytes = 32 * gibibyte;
    const count = partsPerRange(fileBytes, ranges, partSizes);
    expect(count).toBeGreaterThan(0);
    expect(count * ranges).toBeLessThanOrEqual(maxParts);
    expect(count * ranges * partSizes.max).toBeLessThanOrEqual(fileBytes);
    const further = partsPerRange(fileBytes, 1, partSizes);
    const beyond = 60 * gibibyte - count * ranges * partSizes.max;
    expect(Math.ceil(beyond / (further * partSizes.max))).toBeLessThanOrEqual(2);
  });
});
