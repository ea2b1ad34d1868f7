/**
 * Checks the vendor's file as it streams by: UTF-8, the header, and how many reviews there are.
 *
 * What counts as a review, here and in spark/random_text_classification.py: each line after the
 * header that is not blank. Only \n ends a line; \r at its end are no part of it; blank is a line
 * of which nothing is left then. So a line of spaces is a review (Spark will reject it), and a
 * lone \r within a line is text. spark/tests/hard_lines.json holds the cases.
 */
import { Failure } from '@user-behaviour/shared/failure';
import { Utf8Check } from './utf8-check.ts';

const header = 'cid,review_str';
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
/** Bytes; a longer first line is no header. */
const longestHeader = 1_024;

export interface ReviewsTally {
  /** One for each line that is a review. */
  reviews: number;
  /** Of these, lines with an odd number of quotes; Spark will reject them. */
  unclosed: number;
}

/**
 * Passes the bytes on unchanged. Throws a data failure that names the file and the line for text
 * that is not UTF-8, for a wrong header and for a file without a review.
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
    if (start !== undefined) {
      start = Buffer.concat([start, chunk]);
      if (start.includes(lineFeed) || start.length > longestHeader) {
        checkHeader(name, start);
        start = undefined;
      }
    }
    lines.push(chunk);
    yield chunk;
  }
  if (!encoding.end()) throw notUtf8(name, lines.line);
  lines.end();
  if (start !== undefined) checkHeader(name, start);
  if (tally.reviews === 0) {
    throw wrongFile(`${name} has a header and no review; expected at least one`);
  }
}

const wrongFile = (message: string) =>
  new Failure('data', message, {
    action: 'ask the vendor for a correct file, then run the day again; nothing was published',
  });

const notUtf8 = (name: string, line: number) =>
  wrongFile(`${name} is not UTF-8 in line ${String(line)}`);

function checkHeader(name: string, start: Buffer): void {
  const text = start.subarray(0, 3).equals(byteOrderMark) ? start.subarray(3) : start;
  if (text.length === 0) {
    throw wrongFile(`${name} is empty; expected the header ${header} and reviews`);
  }
  const end = text.indexOf(lineFeed);
  const found = text
    .subarray(0, end === -1 ? text.length : end)
    .toString('utf8')
    .replace(/\r$/, '');
  if (found !== header) throw wrongFile(`${name} does not begin with the header ${header}`);
}

class LineCounter {
  readonly #tally: ReviewsTally;
  #blank = true;
  #quotes = 0;
  /** The current line's number; the header is line 1. */
  line = 1;

  constructor(tally: ReviewsTally) {
    this.#tally = tally;
  }

  push(chunk: Uint8Array): void {
    // Not for-of, whose iterator costs more than all the rest.
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
