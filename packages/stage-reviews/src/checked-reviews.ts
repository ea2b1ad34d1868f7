/** Checks the vendor's file during reading. If several days share a small file, it is read and checked once. */
import { Failure } from '@user-behaviour/shared/failure';
import { limitLines } from './line-limit.ts';
import { plainText } from './plain-text.ts';
import { checkReviews, type ReviewsTally } from './reviews-check.ts';
import { changed, type Look, type ReviewsSource } from './source/reviews-source.ts';

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
  readonly #longestLine: number;
  /** The last file that was checked, even if the source has changed since. */
  #cached: CachedFile | undefined;

  /** In bytes; a notice replaces longer lines. */
  constructor(longestLine: number) {
    this.#longestLine = longestLine;
  }

  /**
   * `look` is what is there now. A version that is not cached is read and checked. The body throws a
   * transient failure if the file changes before it has been read to the end.
   */
  open(source: ReviewsSource, look: Look, signal: AbortSignal): CheckedFile {
    const { name } = source;
    const { version } = look;
    const cached = this.#cached;
    if (cached?.name === name && cached.version === version) {
      return { body: only(cached.bytes), tally: cached.tally };
    }
    const tally = { reviews: 0, unclosed: 0, tooLong: 0 };
    const checked = checkReviews(name, plainText(name, source.read(look, signal)), tally);
    const limited = limitLines(checked, this.#longestLine, tally);
    const body = whileUnchanged(source, version, limited);
    return { body: this.#caching({ name, version, tally }, body), tally };
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

/** What is wrong with a file that has changed meanwhile says nothing about the delivery. */
async function* whileUnchanged(
  source: ReviewsSource,
  version: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const hasChanged = async () => (await source.look())?.version !== version;
  try {
    yield* body;
  } catch (error) {
    const isAboutData = error instanceof Failure && error.kind === 'data';
    throw isAboutData && (await hasChanged()) ? changed(source.name, error) : error;
  }
  if (await hasChanged()) throw changed(source.name);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
