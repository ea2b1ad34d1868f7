import { PassThrough } from 'node:stream';
import type { Connection, PoolClient } from 'pg';
import { describe, expect, it } from 'vitest';
import { csvRow, ending, wireRow } from '../../test/copy-text.ts';
import { ObjectStore } from '../../test/object-store.ts';
import type { CopyOut } from '../copy/copy-protocol.ts';
import { CsvScanner } from '../copy/csv-scanner.ts';
import { DayUpload } from '../upload/day-upload.ts';
import { PartRing, partSizes } from '../upload/part-buffers.ts';
import { SourceConnection } from './connection.ts';

const scanner = await CsvScanner.create(PartRing.memory(partSizes));
const lane = { scanner, ring: new PartRing(scanner.bytes, scanner.outputAt, partSizes) };
const rows = [
  ['536365', 'say "hi"\nand go'],
  ['536366', null],
];

/** A copy of what the server sends, as far as it goes, and what became of it. */
async function copying(
  sent: Buffer,
  { told = 0, signal = new AbortController().signal, onSent = (): void => undefined } = {},
) {
  const store = new ObjectStore(partSizes.least);
  const target = { s3: store.client, bucket: 'b', key: 'k.csv', contentType: 'text/csv', signal };
  const upload = new DayUpload({
    target,
    header: Buffer.from('a,b\n'),
    ranges: 1,
    sizes: partSizes,
    fileBytes: 1e9,
    format: 'csv',
  });
  const stream = new PassThrough();
  const client = {
    on: () => undefined,
    query(copy: CopyOut) {
      // As node-postgres does with what is no row.
      stream.on('data', () => {
        copy.handleCommandComplete({ text: `COPY ${String(told)}` });
        copy.handleReadyForQuery();
      });
      copy.submit({ stream, query: () => undefined } as unknown as Connection);
      stream.write(sent, onSent);
    },
  } as unknown as PoolClient;
  const cancelled: string[] = [];
  const connection = new SourceConnection(client, {
    limit: undefined,
    lane: () => Promise.resolve(lane),
    cancel: () => Promise.resolve(void cancelled.push('the query')),
  });
  const range = await upload.range(0, lane);
  const failure = await connection.copy('select 1', range, signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  await range.finish();
  await upload.complete();
  return { failure, cancelled, text: store.text('k.csv') };
}

describe('the rows that went by', () => {
  it.each([1, 2, 3])('are compared with the %d that PostgreSQL copied (I8)', async (told) => {
    const sent = Buffer.concat([...rows.map(wireRow), ending(told)]);
    const { failure, cancelled, text } = await copying(sent, { told });
    expect(text).toBe(`a,b\n${rows.map(csvRow).join('')}`);
    expect(cancelled).toEqual([]);
    if (told === rows.length) expect(failure).toBeUndefined();
    else {
      expect(failure).toMatchObject({
        kind: 'data',
        message: `PostgreSQL copied ${String(told)} rows, 2 went by in the stream; expected the same`,
      });
    }
  });
});

describe('a copy that is stopped', () => {
  it('ends with the reason, and its query is cancelled at the source', async () => {
    const job = new AbortController();
    const reason = new Error('stopped by SIGTERM');
    const { failure, cancelled } = await copying(Buffer.concat(rows.map(wireRow)), {
      signal: job.signal,
      onSent: () => {
        job.abort(reason);
      },
    });
    expect(failure).toBe(reason);
    expect(cancelled).toEqual(['the query']);
  });
});
