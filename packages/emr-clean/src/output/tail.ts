/** The end of a stream: its last bytes, and hardly more memory than they take. */
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
    // Only now and then, so that a byte is copied once or twice.
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
