/** Checks the vendor's file during reading. If several days share a small file, it is read and checked once. */
import { checkReviews, type ReviewsTally } from './reviews-check.ts';
import type { ReviewsSource } from './reviews-source.ts';

/** In bytes: one part of an upload. A larger file is read again for each day to limit memory. */
const maxCached = 8 * 1024 * 1024;

export interface CheckedFile {
  readonly body: AsyncIterable<Uint8Array>;
  /** Complete after the body has been read to the end. */
  readonly tally: ReviewsTally;
}

interface CachedFile {
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly tally: ReviewsTally;
}

export class CheckedReviews {
  /** The last file that was checked, even if the source has changed since. */
  #cached: CachedFile | undefined;

  /** `version` is the current version of the source. A version that is not cached is read and checked. */
  open(source: ReviewsSource, version: string, signal: AbortSignal): CheckedFile {
    const cached = this.#cached;
    if (cached?.name === source.name && cached.version === version) {
      return { body: only(cached.bytes), tally: cached.tally };
    }
    const tally = { reviews: 0, unclosed: 0 };
    const checked = checkReviews(source.name, source.read(signal), tally);
    return { body: this.#caching({ name: source.name, version, tally }, checked), tally };
  }

  /** Yields the bytes, and caches them if the check finds no error in the whole file. */
  async *#caching(
    file: Omit<CachedFile, 'bytes'>,
    checked: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of checked) {
      bytes += chunk.length;
      if (bytes <= maxCached) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
      yield chunk;
    }
    if (bytes <= maxCached) this.#cached = { ...file, bytes: Buffer.concat(chunks) };
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
