/** Hands bytes that are too few for a part from one range of a file to the next. */

/** Bytes that precede a range in its file and have not been sent. */
export interface UnsentPrefix {
  readonly bytes: Buffer;
  /** True if no earlier range sends a part, so that `bytes` is all that precedes the range. */
  readonly isWhole: boolean;
}

const noBytes = Buffer.alloc(0);

/**
 * S3 accepts a part of less than 5 MiB only as the last one. A range with less hands its bytes over to
 * the next range, which therefore sends nothing before it has received what precedes it.
 */
export class RangeHandover {
  readonly #ranges: number;
  readonly #prefixes: PromiseWithResolvers<UnsentPrefix>[];

  constructor(ranges: number) {
    this.#ranges = ranges;
    this.#prefixes = Array.from({ length: ranges }, () => Promise.withResolvers<UnsentPrefix>());
    // After a failure most of them have no reader; a rejection must not count as unhandled.
    for (const { promise } of this.#prefixes) promise.catch(() => undefined);
    this.#prefixes[0]?.resolve({ bytes: noBytes, isWhole: true });
  }

  isLast(range: number): boolean {
    return range === this.#ranges - 1;
  }

  /**
   * Waits for the bytes that the previous range hands over.
   * @throws the error passed to `fail`.
   */
  async receive(range: number): Promise<UnsentPrefix> {
    const prefix = this.#prefixes[range];
    if (prefix === undefined) throw new RangeError(`there is no range ${String(range)}`);
    return prefix.promise;
  }

  handOver(range: number, prefix: UnsentPrefix): void {
    this.#prefixes[range + 1]?.resolve(prefix);
  }

  /** The range sends all of its bytes. Call it early: the next range waits for it. */
  handOverNothing(range: number): void {
    this.handOver(range, { bytes: noBytes, isWhole: false });
  }

  /** Ends all waiting after a failure. */
  fail(error: unknown): void {
    for (const { reject } of this.#prefixes) reject(error);
  }
}
