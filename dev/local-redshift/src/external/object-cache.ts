/** Caches S3 objects on disk in a format that DuckDB reads. Each ETag is fetched once. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { dataHandling, declaredCompression } from './contents/data-handling.ts';
import type { ExternalTable } from './external-definition.ts';
import { addressOf, s3Error, scanError, type SpectrumFile } from './spectrum-files.ts';
import { rowReader } from './contents/row-reader.ts';
import { canonicalRow, splitRows, type TextFormat } from './contents/text-records.ts';
import { decodeUtf8 } from './contents/utf8-text.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export interface CachedObject {
  readonly path: string;
  /** The rows of a text file; undefined for Parquet. */
  readonly rows: number | undefined;
}

export class ObjectCache {
  /** What this process has fetched, by path; files of an earlier process are fetched again when needed. */
  readonly #objects = new Map<string, CachedObject>();
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
  async fetch(
    file: SpectrumFile,
    table: ExternalTable,
    signal: AbortSignal,
  ): Promise<CachedObject> {
    const path = join(this.#directory, cacheName(file, table));
    const known = this.#objects.get(path);
    if (known !== undefined && (await touch(path))) return known;
    const object = { path, rows: await this.#download(file, table, path, signal) };
    this.#objects.set(path, object);
    return object;
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
      this.#objects.delete(file.path);
      total -= file.size;
    }
    this.#bytes = total;
  }

  async #download(
    file: SpectrumFile,
    table: ExternalTable,
    path: string,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const part = `${path}.${randomUUID()}.part`;
    try {
      const reply = await this.#client.send(
        new GetObjectCommand({ Bucket: file.bucket, Key: file.key, IfMatch: file.etag }),
        { abortSignal: signal },
      );
      if (!(reply.Body instanceof Readable)) throw new TypeError('the reply of S3 has no body');
      const { format } = table;
      let rows: number | undefined;
      if (format.kind === 'parquet') {
        await pipeline(reply.Body, createWriteStream(part), { signal });
        await checkParquet(part, file);
      } else rows = await writeRows(file, reply.Body, format, table, part, signal);
      await rename(part, path);
      this.#bytes += (await stat(path)).size;
      return rows;
    } catch (error) {
      await rm(part, { force: true });
      if (error instanceof S3ServiceException) throw s3Error(error, addressOf(file));
      throw error;
    }
  }
}

/** trim() drops the least recently used files first. False if the file is gone. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

/** Skips the header lines of every file. Returns the number of rows. */
async function writeRows(
  file: SpectrumFile,
  body: Readable,
  format: TextFormat,
  table: ExternalTable,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const compression = compressionOf(file, table);
  const read = rowReader(table, format, addressOf(file), compression !== 'none');
  let skip = table.skipHeaderLines;
  let rows = 0;
  // Yields blocks of rows, because one write for each row is slow.
  const canonicalText = async function* (pieces: AsyncIterable<Buffer>) {
    let block = '';
    for await (const row of splitRows(decodeUtf8(pieces), format)) {
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      const fields = read(row);
      if (fields === undefined) continue;
      rows += 1;
      block += canonicalRow(fields);
      if (block.length > 65_536) {
        yield block;
        block = '';
      }
    }
    yield block;
  };
  const plain = compression === 'none' ? body : decompressed(body);
  await pipeline(plain, canonicalText, createWriteStream(path), { signal });
  return rows;
}

/** The compression type of the table, or what the extension of the file's name says (c-spectrum-data-files). */
export function compressionOf(file: SpectrumFile, table: ExternalTable): 'gzip' | 'none' {
  const extension = /\.(gz|zst|bz2|snappy|lzo|deflate)$/.exec(file.key)?.[1] ?? 'none';
  const compression = declaredCompression(table.properties) ?? extension;
  const failed = (text: string) =>
    new WarehouseError('Spectrum Scan Error', `${addressOf(file)}: ${text}`);
  switch (compression) {
    case 'none':
      return 'none';
    case 'gz':
    case 'gzip':
      return 'gzip';
    case 'bz2':
    case 'bzip2':
    case 'snappy':
      throw failed(`${compression} is not supported here: use gzip`);
    default:
      throw failed(`Spectrum does not support .${compression}: use .gz, .bz2 or .snappy`);
  }
}

function decompressed(body: Readable): Readable {
  const inflate = createGunzip();
  body.on('error', (error) => inflate.destroy(error));
  return body.pipe(inflate);
}

/** @throws WarehouseError unless the file begins and ends as Parquet does (c-spectrum-troubleshooting). */
async function checkParquet(path: string, file: SpectrumFile): Promise<void> {
  await using handle = await open(path);
  const marks = Buffer.alloc(8);
  await handle.read(marks, 0, 4, 0);
  await handle.read(marks, 4, 4, Math.max(0, file.bytes - 4));
  if (marks.toString('latin1') !== 'PAR1PAR1') {
    throw scanError(`File '${addressOf(file)}' has an invalid version number`, addressOf(file));
  }
}

function cacheName(file: SpectrumFile, table: ExternalTable): string {
  const { format, skipHeaderLines, columns, properties } = table;
  const handling = [dataHandling(properties), declaredCompression(properties)];
  const shape = [format, skipHeaderLines, columns.length, ...handling];
  const form = format.kind === 'parquet' ? 'parquet' : JSON.stringify(shape);
  const name = createHash('sha256').update([file.bucket, file.key, file.etag, form].join('\0'));
  return `${name.digest('hex')}.${format.kind === 'parquet' ? 'parquet' : 'csv'}`;
}
