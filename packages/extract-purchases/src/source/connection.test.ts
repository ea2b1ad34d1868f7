import { PassThrough } from 'node:stream';
import type { Connection, PoolClient } from 'pg';
import { describe, expect, it } from 'vitest';
import { begunResults } from '@user-behaviour/source/test/begun-results';
import { csvRow, endOfCopy, wireRow } from '@user-behaviour/source/test/copy-text';
import { ObjectStore } from '../../test/object-store.ts';
import type { CopyOut } from '../copy/copy-protocol.ts';
import { createConnectionBuffers } from '../upload/connection-buffers.ts';
import { DayUpload } from '../upload/day-upload.ts';
import { partSizes } from '../upload/part-buffers.ts';
import { SourceConnection } from './connection.ts';

const buffers = await createConnectionBuffers(partSizes);
const rows = [
  ['536365', 'say "hi"\nand go'],
  ['536366', null],
];

interface CopyOptions {
  /** PostgreSQL's own count of the rows. */
  readonly reported?: number;
  readonly signal?: AbortSignal;
  /** Called when the server's bytes have been written. */
  readonly onSent?: () => void;
  readonly deadline?: number;
}

/** Copies what a fake server sends, and returns how the copy ended and what was stored. */
async function copy(sent: Buffer, options: CopyOptions = {}) {
  const { reported = 0, signal = new AbortController().signal, onSent, deadline } = options;
  const store = new ObjectStore(partSizes.min);
  const target = { s3: store.client, bucket: 'b', key: 'k.csv', contentType: 'text/csv', signal };
  const upload = new DayUpload({
    target,
    header: Buffer.from('a,b\n'),
    ranges: 1,
    sizes: partSizes,
    fileBytes: 1e9,
    format: 'csv',
    ownsKeys: true,
  });
  const stream = new PassThrough();
  const client = {
    on: () => undefined,
    query(query: CopyOut | string) {
      if (typeof query === 'string') return Promise.resolve(begunResults());
      // As node-postgres does when it gets the messages that are not rows.
      stream.on('data', () => {
        query.handleCommandComplete({ text: `COPY ${String(reported)}` });
        query.handleReadyForQuery();
      });
      query.submit({ stream, query: () => undefined } as unknown as Connection);
      stream.write(sent, onSent);
      return undefined;
    },
  } as unknown as PoolClient;
  const cancelled: string[] = [];
  const connection = new SourceConnection(client, {
    deadline,
    statementTimeout: 0,
    buffers: () => Promise.resolve(buffers),
    cancel: ({ pid }) => Promise.resolve(void cancelled.push(`the query of ${String(pid)}`)),
  });
  await connection.openTransaction('begin', 'select 1');
  const range = await upload.beginRange(0, buffers);
  const failure = await connection.copy('select 1', range, signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  await range.finish();
  await upload.complete();
  return { failure, cancelled, text: store.text('k.csv') };
}

describe('a copy', () => {
  it.each([1, 2, 3])(
    'of 2 rows compares them with the %d that PostgreSQL reports (I8)',
    async (reported) => {
      const sent = Buffer.concat([...rows.map(wireRow), endOfCopy(reported)]);
      const { failure, cancelled, text } = await copy(sent, { reported });
      expect(text).toBe(`a,b\n${rows.map(csvRow).join('')}`);
      expect(cancelled).toEqual([]);
      if (reported === rows.length) expect(failure).toBeUndefined();
      else {
        expect(failure).toMatchObject({
          kind: 'data',
          message: `PostgreSQL copied ${String(reported)} rows, but 2 rows were received`,
        });
      }
    },
  );

  it('that is aborted fails with the reason and cancels its query at the source', async () => {
    const job = new AbortController();
    const reason = new Error('stopped by SIGTERM');
    const { failure, cancelled } = await copy(Buffer.concat(rows.map(wireRow)), {
      signal: job.signal,
      onSent: () => {
        job.abort(reason);
      },
    });
    expect(failure).toBe(reason);
    expect(cancelled).toEqual(['the query of 7']);
  });

  it('that exceeds its deadline is transient and cancels its query at the source', async () => {
    const { failure, cancelled } = await copy(Buffer.concat(rows.map(wireRow)), { deadline: 10 });
    expect(failure).toMatchObject({
      kind: 'transient',
      message: 'could not read the purchases: no answer within 0.01 s',
    });
    expect(cancelled).toEqual(['the query of 7']);
  });
});
