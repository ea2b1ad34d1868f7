/**
 * Checks that the vendor's file is UTF-8 and has the right header, and counts its reviews.
 *
 * Each line after the header that is not blank is a review, here and in
 * spark/random_text_classification.py. Only \n ends a line. Any \r at the end of a line are removed;
 * if nothing is left, the line is blank. So a line of spaces is a review (Spark will reject it), and a
 * \r within a line is text. spark/tests/hard_lines.json contains the cases.
 */
import { Failure } from '@user-behaviour/shared/failure';
import { Utf8Check } from './utf8-check.ts';

export const header = 'cid,review_str';

/** Without its line end. The names may be in quotes, as RFC 4180 allows. */
export const isHeader = (line: string): boolean =>
  /^(cid|"cid"),(review_str|"review_str")$/.test(line);

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
/** In bytes; a longer first line cannot be the header. */
const longestHeader = 1_024;

export interface ReviewsTally {
  /** The number of reviews. */
  reviews: number;
  /** The number of reviews with an odd number of quotes; Spark will reject them. */
  unclosed: number;
  /** The number of lines that are too long; Spark will reject them. */
  tooLong: number;
}

/**
 * Yields the bytes unchanged, except for quotes in the header, which are removed because the Spark script
 * expects none. Throws a data failure if the text is not UTF-8 (with the line), if the header is wrong, or
 * if there is no review.
 */
export async function* checkReviews(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  tally: ReviewsTally,
): AsyncGenerator<Uint8Array, void> {
  const encoding = new Utf8Check();
  const lines = new LineCounter(tally);
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const faultAfter = encoding.push(chunk);
    if (faultAfter !== undefined) throw notUtf8(name, lines.line + faultAfter);
    lines.push(chunk);
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.includes(lineFeed) || start.length > longestHeader) {
      yield* withPlainHeader(name, start);
      start = undefined;
    }
  }
  if (!encoding.end()) throw notUtf8(name, lines.line);
  lines.end();
  if (start !== undefined) yield* withPlainHeader(name, start);
  if (tally.reviews === 0) {
    throw wrongFile(`${name} has a header but no reviews; expected at least one`);
  }
}

export const wrongFile = (message: string, cause?: unknown): Failure =>
  new Failure('data', message, {
    cause,
    action: 'ask the vendor for a correct file, then run the day again; nothing was published',
  });

const notUtf8 = (name: string, line: number) =>
  wrongFile(`${name} is not UTF-8 in line ${String(line)}`);

/** Yields the start of the file, with the header as the Spark script expects it. */
function* withPlainHeader(name: string, start: Buffer): Generator<Buffer, void> {
  const from = start.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  if (start.length === from) {
    throw wrongFile(`${name} is empty; expected the header ${header} and reviews`);
  }
  const feed = start.indexOf(lineFeed);
  const line = start.subarray(from, feed === -1 ? start.length : feed).toString('utf8');
  const found = line.replace(/\r$/, '');
  if (!isHeader(found)) {
    throw wrongFile(`${name} does not begin with the header ${header}`);
  }
  if (found === header) {
    yield start;
    return;
  }
  yield Buffer.concat([start.subarray(0, from), Buffer.from(header)]);
  yield start.subarray(from + found.length);
}

class LineCounter {
  readonly #tally: ReviewsTally;
  #blank = true;
  #quotes = 0;
  /** The number of the current line; the header is line 1. */
  line = 1;

  constructor(tally: ReviewsTally) {
    this.#tally = tally;
  }

  push(chunk: Uint8Array): void {
    // for-of would be slower: its iterator costs more than the rest of the loop.
    let at = 0;
    while (at < chunk.length) {
      const byte = chunk[at];
      at += 1;
      if (byte === lineFeed) this.end();
      else if (byte === quote) {
        this.#quotes += 1;
        this.#blank = false;
      } else if (byte !== carriageReturn) this.#blank = false;
    }
  }

  end(): void {
    if (!this.#blank && this.line > 1) {
      this.#tally.reviews += 1;
      if (this.#quotes % 2 === 1) this.#tally.unclosed += 1;
    }
    this.#blank = true;
    this.#quotes = 0;
    this.line += 1;
  }
}
