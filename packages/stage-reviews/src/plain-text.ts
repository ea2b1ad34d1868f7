/** Tells by its first bytes what a file is: gzip is unpacked, and other formats are named. */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { foreignFormat, longestMark, startsWith } from '@user-behaviour/shared/foreign-format';
import { wrongFile } from './reviews-check.ts';

const gzip = [0x1f, 0x8b];

/**
 * Yields the text of the file: its bytes, unpacked if they are gzip. Throws a data failure that names the
 * format if it is another one, or if the gzip data are damaged or end early.
 */
export async function* plainText(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const chunks = bytes[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < longestMark) {
    const next = await chunks.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  const format = foreignFormat(start);
  const whole = rejoined(start, chunks);
  if (format !== undefined) {
    await chunks.return?.();
    throw wrongFile(`${name} is ${format}; expected text in UTF-8, plain or compressed with gzip`);
  }
  yield* startsWith(start, gzip) ? unpacked(name, whole) : whole;
}

async function* rejoined(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    if (start.length > 0) yield start;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    await rest.return?.();
  }
}

async function* unpacked(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const read = pipeline(bytes, gunzip);
  // The loop below throws the same error.
  read.catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
    await read;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw error;
    throw wrongFile(`${name} is compressed with gzip, but damaged or cut short (${code})`, error);
  }
}
