/** The vendor's file, checked as it is read. A small file that several days share is read and checked once. */
import { checkReviews, type ReviewsTally } from './reviews-check.ts';
import type { ReviewsSource } from './reviews-source.ts';

/** Bytes; one part of an upload. A larger file is read for each day, so that memory stays flat. */
const mostKept = 8 * 1024 * 1024;

export interface CheckedFile {
  readonly body: AsyncIterable<Uint8Array>;
  /** Complete when the body has been read to its end. */
  readonly tally: ReviewsTally;
}

interface Kept {
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly tally: ReviewsTally;
}

export class CheckedReviews {
  /** Bytes and tally belong together, whatever the source holds by now. */
  #kept: Kept | undefined;

  /** `version` is the one that was seen of the source just now; another one is read and checked anew. */
  open(source: ReviewsSource, version: string, signal: AbortSignal): CheckedFile {
    const kept = this.#kept;
    if (kept?.name === source.name && kept.version === version) {
      return { body: only(kept.bytes), tally: kept.tally };
    }
    const tally = { reviews: 0, unclosed: 0 };
    const checked = checkReviews(source.name, source.read(signal), tally);
    return { body: this.#keeping({ name: source.name, version, tally }, checked), tally };
  }

  /** Passes the bytes on; keeps them once the check has found no fault to the end. */
  async *#keeping(
    file: Omit<Kept, 'bytes'>,
    checked: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of checked) {
      bytes += chunk.length;
      if (bytes <= mostKept) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
      yield chunk;
    }
    if (bytes <= mostKept) this.#kept = { ...file, bytes: Buffer.concat(chunks) };
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
