/**
 * Replaces lines that are too long for Spark, whose reader holds a whole line in memory. A notice takes the
 * place of such a line, so the number of lines stays the same. It can never be a review; the Spark script
 * rejects it as `line_too_long`.
 */
import type { ReviewsTally } from './reviews-check.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** How a notice begins; spark/random_text_classification.py knows it. */
const noticeMark = 'line_too_long';
/** Bytes of the line that its notice keeps, so that the line can be found again. */
const keptInNotice = 200;

/**
 * Yields the bytes, in which a notice replaces each line of more than `limit` bytes, without its line end.
 * Keeps at most `limit` bytes of a line, which must be more than a notice and the header need.
 */
export async function* limitLines(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  tally: ReviewsTally,
): AsyncGenerator<Uint8Array, void> {
  const lines = new LineLimit(limit, tally);
  for await (const chunk of bytes) {
    const passed = lines.push(chunk);
    if (passed.length > 0) yield passed;
  }
  const last = lines.end();
  if (last.length > 0) yield last;
}

class LineLimit {
  readonly #limit: number;
  readonly #tally: ReviewsTally;
  /** The start of the current line. */
  #kept: Uint8Array[] = [];
  /** Bytes of the current line so far. */
  #length = 0;
  /** The same, without any \r at the end. */
  #content = 0;

  constructor(limit: number, tally: ReviewsTally) {
    this.#limit = limit;
    this.#tally = tally;
  }

  /** Returns the lines that end in this chunk. */
  push(chunk: Uint8Array): Uint8Array {
    const passed: Uint8Array[] = [];
    let from = 0;
    if (this.#length + chunk.length <= this.#limit) {
      // No line that ends here can be too long.
      from = chunk.lastIndexOf(lineFeed) + 1;
      if (from > 0) passed.push(...this.#takeLine(), chunk.subarray(0, from));
    }
    for (;;) {
      const feed = chunk.indexOf(lineFeed, from);
      if (feed === -1) break;
      this.#add(chunk.subarray(from, feed));
      passed.push(...this.#takeLine(), chunk.subarray(feed, feed + 1));
      from = feed + 1;
    }
    this.#add(chunk.subarray(from));
    const [only = new Uint8Array()] = passed;
    return passed.length > 1 ? Buffer.concat(passed) : only;
  }

  /** Returns a last line without a line feed. */
  end(): Uint8Array {
    return Buffer.concat(this.#takeLine());
  }

  #add(bytes: Uint8Array): void {
    const room = this.#limit - this.#length;
    // Copied because the source may reuse its chunk.
    if (room > 0) this.#kept.push(Uint8Array.from(bytes.subarray(0, room)));
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === carriageReturn) end -= 1;
    if (end > 0) this.#content = this.#length + end;
    this.#length += bytes.length;
  }

  /** The line, its notice, or as much of an endless row of \r as was kept. */
  #takeLine(): readonly Uint8Array[] {
    const [kept, content] = [this.#kept, this.#content];
    this.#kept = [];
    this.#length = 0;
    this.#content = 0;
    if (content <= this.#limit) return kept;
    this.#tally.tooLong += 1;
    return [noticeOf(Buffer.concat(kept), content)];
  }
}

/** `line_too_long:240001234:` and the first characters of the line. */
function noticeOf(start: Uint8Array, content: number): Uint8Array {
  // In a stream, the decoder leaves out a character that the cut has split.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const text = decoder.decode(start.subarray(0, keptInNotice), { stream: true });
  return Buffer.from(`${noticeMark}:${String(content)}:${text}`);
}
