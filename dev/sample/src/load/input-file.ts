/** A file that a person named: plain or compressed by gzip, told apart by its content. */
import { constants, createReadStream } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Failure } from '@user-behaviour/shared/failure';

const chunkSize = 262_144;

export interface InputFile {
  readonly path: string;
  readonly gzipped: boolean;
  /** Bytes on disk. */
  readonly size: number;
}

/** Throws a usage failure when the path leads to no readable file; `option` is what named it. */
export async function findInput(path: string, option: string): Promise<InputFile> {
  const fault = (what: string, cause?: unknown): Failure =>
    new Failure('usage', `${option}: ${path} ${what}`, {
      cause,
      action: `name a readable CSV file, plain or .gz, by ${option}`,
    });
  try {
    const found = await stat(path);
    if (!found.isFile()) throw fault('is not a file');
    if (found.size === 0) throw new Failure('data', `${option}: ${path} is empty`);
    await access(path, constants.R_OK);
    return { path, gzipped: await isGzip(path), size: found.size };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw fault(missing ? 'does not exist' : 'cannot be read', error);
  }
}

/** The magic bytes of RFC 1952. */
async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** How far a file has been read; both in bytes. */
export interface Progress {
  onDisk: number;
  unpacked: number;
}

/** Yields the unpacked content and tells how far it is. */
export async function* unpack(file: InputFile, progress: Progress): AsyncGenerator<Buffer> {
  const disk = createReadStream(file.path, { highWaterMark: chunkSize });
  // An error of either reaches the loop below; the callback is there because it must be.
  const content: Readable = file.gzipped
    ? pipeline(disk, createGunzip({ chunkSize }), () => undefined)
    : disk;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    progress.onDisk = disk.bytesRead;
    progress.unpacked += chunk.length;
    yield chunk;
  }
}

/** What a reading error says about the file; any other error comes back as it is. */
export function asInputFailure(file: InputFile, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') return error;
  return new Failure('data', `${file.path} is a damaged or incomplete gzip file`, {
    cause: error,
    action: 'nothing was loaded; get the file again and compare its size',
  });
}

/** The first line, without its end; undefined when the first 64 KiB hold no line end. */
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
  const end = head.indexOf('\n');
  return end < 0 || end > limit ? undefined : head.toString('utf8', 0, end).replace(/\r$/, '');
}
