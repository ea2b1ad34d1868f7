/** Counts the records of a CSV as it streams by; a line break within quotes ends no record (RFC 4180). */
const quote = 0x22;
const lineFeed = 0x0a;

export class RowCounter {
  #quoted = false;
  #records = 0;

  push(chunk: Uint8Array): void {
    let quoted = this.#quoted;
    let records = this.#records;
    for (const byte of chunk) {
      if (byte === quote) quoted = !quoted;
      else if (byte === lineFeed && !quoted) records += 1;
    }
    this.#quoted = quoted;
    this.#records = records;
  }

  /** Data rows, the header not counted. PostgreSQL ends every record with a line feed. */
  get rows(): number {
    return Math.max(0, this.#records - 1);
  }
}
