/** What the ranges of one object have to tell each other so that all its parts are large enough. */

/** What lies before a range in the file and has not been sent. */
export interface Before {
  readonly bytes: Buffer;
  /** Whether that is all there is before it: no part was sent or will be. */
  readonly isAll: boolean;
}

const none = Buffer.alloc(0);

/**
 * S3 takes no small part but the last. A range that has come to less hands its bytes on to the next
 * one, which therefore sends nothing before it knows what it gets.
 */
export class RangeOrder {
  readonly count: number;
  readonly #before: PromiseWithResolvers<Before>[];

  constructor(count: number) {
    this.count = count;
    this.#before = Array.from({ length: count + 1 }, () => Promise.withResolvers<Before>());
    // Most are awaited by nobody when the copy fails.
    for (const { promise } of this.#before) promise.catch(() => undefined);
    this.#before[0]?.resolve({ bytes: none, isAll: true });
  }

  isLast(range: number): boolean {
    return range === this.count - 1;
  }

  /** @throws what ended the copy, when the ranges before will never tell. */
  async before(range: number): Promise<Before> {
    const found = this.#before[range];
    if (found === undefined) throw new RangeError(`there is no range ${String(range)}`);
    return found.promise;
  }

  /** Said by a range as soon as it is sure to have parts of its own: nothing is handed on. */
  sendsItself(range: number): void {
    this.#before[range + 1]?.resolve({ bytes: none, isAll: false });
  }

  /** Said by a range that came to too little for a part. */
  handOn(range: number, before: Before): void {
    this.#before[range + 1]?.resolve(before);
  }

  fail(error: unknown): void {
    for (const { reject } of this.#before) reject(error);
  }
}
