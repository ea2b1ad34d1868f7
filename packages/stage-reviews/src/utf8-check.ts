/** Whether a stream of bytes is UTF-8, whatever chunks it comes in. */
import { isUtf8 } from 'node:buffer';

const lineFeed = 0x0a;

export class Utf8Check {
  /** The bytes of a character that the end of the last chunk cut. None of them is a line feed. */
  #cut: Uint8Array = new Uint8Array();

  /** Undefined while all is well, else how many lines end in the chunk before the first fault. */
  push(chunk: Uint8Array): number | undefined {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const whole = bytes.length - cutCharacter(bytes);
    // A copy: the source may use its chunk again.
    this.#cut = Uint8Array.from(bytes.subarray(whole));
    const text = bytes.subarray(0, whole);
    return isUtf8(text) ? undefined : linesBeforeFault(text);
  }

  /** False when the stream has ended within a character. */
  end(): boolean {
    return this.#cut.length === 0;
  }
}

/** How many bytes at the end begin a character that needs more of them. */
function cutCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes.at(-back);
    if (byte === undefined || byte < 0x80) return 0;
    if (byte >= 0xc0) return back < characterLength(byte) ? back : 0;
  }
  return 0;
}

const characterLength = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);

/** A line feed is never part of a longer character, so each line stands for itself. */
function linesBeforeFault(text: Uint8Array): number {
  let from = 0;
  for (let line = 0; ; line += 1) {
    const end = text.indexOf(lineFeed, from);
    if (end === -1 || !isUtf8(text.subarray(from, end))) return line;
    from = end + 1;
  }
}
