/** Stores results on disk, one line for each row, and reads them page by page. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { Field } from '../api/result-fields.ts';

/** The limits of a page, whichever comes first (the service: about 1 MB). */
const pageRows = 1000;
const pageBytes = 1_000_000;
/** The service's limit for a result. */
const resultLimit = 500 * 2 ** 20;

export interface ResultPage {
  readonly records: Field[][];
  readonly nextToken: string | undefined;
}

export class ResultStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes all rows. Returns the number of bytes. */
  async write(id: string, rows: AsyncIterable<readonly Field[][]>): Promise<number> {
    let bytes = 0;
    // A stream would cost several times as much for the few rows of most results.
    await using file = await open(this.#path(id), 'w');
    for await (const block of rows) {
      const text = block.map((row) => `${JSON.stringify(row)}\n`).join('');
      bytes += Buffer.byteLength(text);
      if (bytes > resultLimit) throw new RangeError('the result is larger than 500 MB');
      await file.appendFile(text);
    }
    return bytes;
  }

  /** The page of the token, or the first page. */
  async page(id: string, token: string | undefined): Promise<ResultPage> {
    let at = token === undefined ? 0 : offsetOf(token);
    const start = at;
    const input = createReadStream(this.#path(id), { start });
    const records: Field[][] = [];
    try {
      for await (const line of createInterface({ input })) {
        if (records.length === pageRows || at - start > pageBytes) {
          return { records, nextToken: Buffer.from(`row ${at}`).toString('base64url') };
        }
        records.push(JSON.parse(line) as Field[]);
        at += Buffer.byteLength(line) + 1;
      }
    } finally {
      input.destroy();
    }
    return { records, nextToken: undefined };
  }

  /** Deletes the results of statements that no longer exist. */
  async keepOnly(known: (statementId: string) => boolean): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const name of await readdir(this.#directory)) {
      if (!known(name.replace(/[_.].*$/, '')))
        await rm(join(this.#directory, name), { force: true });
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id.replace(':', '_')}.jsonl`);
  }
}

function offsetOf(token: string): number {
  const [, offset] = /^row (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) {
    throw new ServiceError('ValidationException', 'NextToken was not issued by this API');
  }
  return Number(offset);
}
