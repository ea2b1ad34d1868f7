/** Caches S3 objects on disk in a format that DuckDB reads. Each ETag is fetched once. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import type { ExternalTable } from './external-definition.ts';
import { s3Error, type SpectrumFile } from './spectrum-files.ts';
import { canonicalRow, parseRow, splitRows, type TextFormat } from './text-records.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export class ObjectCache {
  readonly #client: S3Client;
  readonly #directory: string;
  readonly #limit: number;
  /** The size of the cache; infinite until the first trim() has measured it. */
  #bytes = Number.POSITIVE_INFINITY;

  /** `limit` is the size in bytes to keep between statements; the files of a running statement may exceed it. */
  constructor(client: S3Client, directory: string, limit = 2 ** 31) {
    this.#client = client;
    this.#directory = directory;
    this.#limit = limit;
  }

  /** The local file with the object's content in this table's format. */
  async fetch(file: SpectrumFile, table: ExternalTable, signal: AbortSignal): Promise<string> {
    const path = join(this.#directory, cacheName(file, table));
    const now = new Date();
    // trim() drops the least recently used files first.
    const known = await utimes(path, now, now).then(
      () => true,
      () => false,
    );
    if (!known) await this.#download(file, table, path, signal);
    return path;
  }

  /** Drops the least recently used files beyond the limit. Call only between statements. */
  async trim(): Promise<void> {
    if (this.#bytes <= this.#limit) return;
    await mkdir(this.#directory, { recursive: true });
    const names = await readdir(this.#directory);
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#directory, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    let total = files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#limit && !file.path.endsWith('.part')) continue;
      await rm(file.path, { force: true });
      total -= file.size;
    }
    this.#bytes = total;
  }

  async #download(
    file: SpectrumFile,
    table: ExternalTable,
    path: string,
    signal: AbortSignal,
  ): Promise<void> {
    const part = `${path}.${randomUUID()}.part`;
    try {
      const reply = await this.#client.send(
        new GetObjectCommand({ Bucket: file.bucket, Key: file.key, IfMatch: file.etag }),
        { abortSignal: signal },
      );
      if (!(reply.Body instanceof Readable)) throw new TypeError('the reply of S3 has no body');
      const { format } = table;
      if (format.kind === 'parquet')
        await pipeline(reply.Body, createWriteStream(part), { signal });
      else await this.#writeRows(decompressed(file, reply.Body), format, table, part, signal);
      await rename(part, path);
      this.#bytes += (await stat(path)).size;
    } catch (error) {
      await rm(part, { force: true });
      if (error instanceof S3ServiceException)
        throw s3Error(error, `s3://${file.bucket}/${file.key}`);
      throw error;
    }
  }

  async #writeRows(
    body: Readable,
    format: TextFormat,
    table: ExternalTable,
    part: string,
    signal: AbortSignal,
  ): Promise<void> {
    await pipeline(
      body.setEncoding('utf8'),
      (pieces: AsyncIterable<string>) => canonicalText(pieces, format, table),
      createWriteStream(part),
      { signal },
    );
  }
}

/** Skips the header lines of every file. Yields blocks of rows, because one write for each row is slow. */
async function* canonicalText(
  pieces: AsyncIterable<string>,
  format: TextFormat,
  table: ExternalTable,
) {
  let skip = table.skipHeaderLines;
  let block = '';
  for await (const row of splitRows(pieces, format)) {
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    block += canonicalRow(parseRow(row, format, table.columns.length));
    if (block.length > 65_536) {
      yield block;
      block = '';
    }
  }
  yield block;
}

/** The file name's extension determines the compression (c-spectrum-data-files). */
function decompressed(file: SpectrumFile, body: Readable): Readable {
  const extension = /\.(gz|zst|bz2|snappy|lzo|deflate)$/.exec(file.key)?.[1];
  const failed = (error: Error) =>
    new WarehouseError('Spectrum Scan Error', `s3://${file.bucket}/${file.key}: ${error.message}`);
  if (extension === undefined) return body;
  if (extension === 'bz2' || extension === 'snappy') {
    throw failed(new Error(`.${extension} is not supported here: use .gz`));
  }
  if (extension !== 'gz') {
    throw failed(new Error(`Spectrum does not support .${extension}: use .gz, .bz2 or .snappy`));
  }
  const inflate = createGunzip();
  body.on('error', (error) => inflate.destroy(error));
  return body.pipe(inflate);
}

function cacheName(file: SpectrumFile, table: ExternalTable): string {
  const shape = [table.format, table.skipHeaderLines, table.columns.length];
  const form = table.format.kind === 'parquet' ? 'parquet' : JSON.stringify(shape);
  const name = createHash('sha256').update([file.bucket, file.key, file.etag, form].join('\0'));
  return `${name.digest('hex')}.${table.format.kind === 'parquet' ? 'parquet' : 'csv'}`;
}
