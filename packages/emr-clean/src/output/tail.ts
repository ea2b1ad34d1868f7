/** Keeps the last bytes of a stream, in at most about twice their memory. */
export class Tail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Compacting only at twice the limit keeps the copying linear.
    if (this.#length > 2 * this.#limit) {
      const kept = this.bytes();
      this.#chunks = [kept];
      this.#length = kept.length;
    }
  }

  bytes(): Uint8Array {
    const all = Buffer.concat(this.#chunks);
    return Uint8Array.from(all.subarray(Math.max(0, all.length - this.#limit)));
  }
}
