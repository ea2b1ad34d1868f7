/** An input file, plain or compressed with gzip, recognised by its content. */
import { constants, createReadStream } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Failure } from '@user-behaviour/shared/failure';
import { foreignFormat } from '@user-behaviour/shared/foreign-format';
import { shortPath } from '../short-path.ts';

const chunkSize = 262_144;
const lineFeed = 0x0a;

/** The variable of Make that names a file. */
export type InputVariable = 'PURCHASES' | 'REVIEWS';

export interface InputFile {
  readonly path: string;
  /** The path in messages. */
  readonly name: string;
  readonly gzipped: boolean;
  /** Bytes on disk. */
  readonly size: number;
}

/**
 * A relative path starts at `cwd`. `variable` is the one that named the file.
 * @throws a usage failure if it is not a readable file, a data failure if it is empty.
 */
export async function findInput(
  given: string,
  variable: InputVariable,
  cwd: string,
): Promise<InputFile> {
  const path = resolve(cwd, given);
  const name = shortPath(path, cwd);
  const failure = (what: string, cause?: unknown): Failure =>
    new Failure('usage', `${variable}: ${name} ${what}`, {
      cause,
      action: `name a readable CSV file, plain or .gz, as in ${variable}=data.csv`,
    });
  try {
    const found = await stat(path);
    if (!found.isFile()) throw failure('is not a file');
    if (found.size === 0) {
      throw new Failure('data', `${variable}: ${name} is empty; expected a header and rows`, {
        action: 'nothing was loaded; name another file',
      });
    }
    await access(path, constants.R_OK);
    return { path, name, gzipped: await isGzip(path), size: found.size };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw failure(missing ? 'does not exist' : 'cannot be read', error);
  }
}

/** The magic bytes of RFC 1952. */
async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** How much of a file has been read, in bytes. */
export interface Progress {
  onDisk: number;
  unpacked: number;
}

/** Yields the unpacked content and updates `progress`. */
export async function* unpack(file: InputFile, progress: Progress): AsyncGenerator<Buffer> {
  const disk = createReadStream(file.path, { highWaterMark: chunkSize });
  // The loop below throws the errors of both streams; `pipeline` requires the callback.
  const content: Readable = file.gzipped
    ? pipeline(disk, createGunzip({ chunkSize }), () => undefined)
    : disk;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    progress.onDisk = disk.bytesRead;
    progress.unpacked += chunk.length;
    yield chunk;
  }
}

/** Turns a gzip error into a data failure; returns any other error unchanged. */
export function asInputFailure(file: InputFile, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') return error;
  return new Failure('data', `${file.name} is a damaged or incomplete gzip file`, {
    cause: error,
    action: 'nothing was loaded; download the file again and compare its size',
  });
}

/**
 * The first line without its line break; undefined if the first 64 KiB have none.
 * @throws a data failure for damaged gzip, and for a format that is no text in UTF-8.
 */
export async function firstLine(file: InputFile): Promise<string | undefined> {
  const limit = 65_536;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of unpack(file, { onDisk: 0, unpacked: 0 })) {
      head = Buffer.concat([head, chunk]);
      if (head.includes('\n') || head.length > limit) break;
    }
  } catch (error) {
    throw asInputFailure(file, error);
  }
  const format = foreignFormat(head);
  if (format !== undefined) {
    throw new Failure('data', `${file.name} is ${format}`, {
      action: 'nothing was loaded; expected text in UTF-8, plain or compressed with gzip',
    });
  }
  const end = head.indexOf('\n');
  return end < 0 || end > limit ? undefined : head.toString('utf8', 0, end).replace(/\r$/, '');
}

/** The number of lines after the first. Reads the whole file. @throws a data failure for damaged gzip. */
export async function countRows(file: InputFile): Promise<number> {
  let lines = 0;
  let last = lineFeed;
  try {
    for await (const chunk of unpack(file, { onDisk: 0, unpacked: 0 })) {
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) {
        lines += 1;
      }
      last = chunk.at(-1) ?? last;
    }
  } catch (error) {
    throw asInputFailure(file, error);
  }
  return lines - (last === lineFeed ? 1 : 0);
}
