/** A digest of a CSV file that does not depend on the order of its rows. */

export interface CsvDigest {
  readonly header: string;
  /** Without the header; a line break within quotes does not end a row. */
  readonly rows: number;
  readonly bytes: number;
  /** Equal for files with equal rows, byte for byte, in any order. */
  readonly content: string;
}

const quote = 0x22;
const newline = 0x0a;

/** FNV-1a, mixed again at the end of each row, so that the sum of the hashes identifies the multiset. */
const offset = 0x811c9dc5;
const prime = 0x01000193;

/** Accepts the file in chunks of any size. */
export class CsvDigester {
  #rows = 0;
  #bytes = 0;
  #low = 0;
  #high = 0;
  #hash = offset;
  #second = prime;
  #inQuotes = false;
  #started = false;
  #header: number[] | undefined = [];

  update(piece: Uint8Array): void {
    this.#bytes += piece.length;
    let [hash, second, inQuotes, started] = [
      this.#hash,
      this.#second,
      this.#inQuotes,
      this.#started,
    ];
    for (const byte of piece) {
      if (byte === newline && !inQuotes) {
        this.#endRow(hash, second);
        [hash, second, started] = [offset, prime, false];
        continue;
      }
      if (byte === quote) inQuotes = !inQuotes;
      this.#header?.push(byte);
      started = true;
      hash = Math.imul(hash ^ byte, prime);
      second = Math.imul(second, 31) + byte;
    }
    [this.#hash, this.#second, this.#inQuotes, this.#started] = [hash, second, inQuotes, started];
  }

  digest(): CsvDigest {
    if (this.#started) this.#endRow(this.#hash, this.#second);
    this.#started = false;
    return {
      header: this.#headerText,
      rows: this.#rows,
      bytes: this.#bytes,
      content: [this.#high, this.#low].map((sum) => sum.toString(16).padStart(8, '0')).join(''),
    };
  }

  #headerText = '';

  #endRow(hash: number, second: number): void {
    if (this.#header !== undefined) {
      this.#headerText = Buffer.from(this.#header).toString('utf8').replace(/\r$/, '');
      this.#header = undefined;
      return;
    }
    this.#rows += 1;
    this.#low = (this.#low + mixed(hash)) >>> 0;
    this.#high = (this.#high + mixed(second ^ hash)) >>> 0;
  }
}

function mixed(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  return Math.imul(value, 0xc2b2ae35) >>> 0;
}

/** The digest of a stream. */
export async function digestOf(stream: AsyncIterable<Uint8Array>): Promise<CsvDigest> {
  const digester = new CsvDigester();
  for await (const piece of stream) digester.update(piece);
  return digester.digest();
}
