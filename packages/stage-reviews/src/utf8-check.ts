/** Checks whether a stream of bytes is UTF-8, regardless of how it is divided into chunks. */
import { isUtf8 } from 'node:buffer';

const lineFeed = 0x0a;

export class Utf8Check {
  /** The start of a character that the end of the last chunk split. It contains no line feed. */
  #cut: Uint8Array = new Uint8Array();

  /** For invalid text, returns how many lines end in this chunk before the error. */
  push(chunk: Uint8Array): number | undefined {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const whole = bytes.length - cutCharacter(bytes);
    // Copied because the source may reuse its chunk.
    this.#cut = Uint8Array.from(bytes.subarray(whole));
    const text = bytes.subarray(0, whole);
    return isUtf8(text) ? undefined : linesBeforeFault(text);
  }

  /** False if the stream ended in the middle of a character. */
  end(): boolean {
    return this.#cut.length === 0;
  }
}

/** The number of bytes at the end that start an incomplete character. */
function cutCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes.at(-back);
    if (byte === undefined || byte < 0x80) return 0;
    if (byte >= 0xc0) return back < characterLength(byte) ? back : 0;
  }
  return 0;
}

const characterLength = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);

/** A line feed is never part of a longer character, so each line can be checked separately. */
function linesBeforeFault(text: Uint8Array): number {
  let from = 0;
  for (let line = 0; ; line += 1) {
    const end = text.indexOf(lineFeed, from);
    if (end === -1 || !isUtf8(text.subarray(from, end))) return line;
    from = end + 1;
  }
}
