/** The host's half of the WebAssembly scanner (assembly/): its memory, and what a scan came to. */
import { Failure } from '@user-behaviour/shared/failure';

/** Put into a bundle by tools/bundle.mjs, in base64. */
declare const BUNDLED_SCANNER: string;

const page = 64 * 1024;
/** No row may be larger, as COPY's text; a purchase has some 80 bytes, at the very most 10 kB. */
const largestRow = 192 * 1024;
/** What is read from the socket at once: large enough to be few calls, small enough for a core's cache. */
const readBytes = 256 * 1024;

/** A read may come on top of what waits for room in the output. */
const inputBytes = largestRow + 2 * readBytes;

/** Why a scan stopped; assembly/csv-scanner.ts has the same numbers. */
export const stops = { moreInput: 0, outputFull: 1, otherMessage: 2, noRow: 3 } as const;
export type Stop = (typeof stops)[keyof typeof stops];

interface Exports {
  readonly free: () => number;
  readonly scan: (source: number, end: number, target: number, limit: number) => Stop;
  readonly taken: { readonly value: number };
  readonly written: { readonly value: number };
  readonly rows: { readonly value: number };
  readonly hashes: { readonly value: bigint };
}

let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  if (typeof BUNDLED_SCANNER === 'undefined') {
    const { compileScanner } = await import('../../assembly/compile.ts');
    return new WebAssembly.Module(await compileScanner());
  }
  return new WebAssembly.Module(Buffer.from(BUNDLED_SCANNER, 'base64'));
}

/** Turns the messages of COPY TO STDOUT in text format into PostgreSQL's CSV. */
export class CsvScanner {
  /** The whole memory; from `outputAt` on it is the caller's. */
  readonly bytes: Buffer;
  readonly outputAt: number;
  readonly #exports: Exports;
  readonly #inputAt: number;
  #from: number;
  #to: number;
  /** Where the last scan's output ends. */
  written = 0;
  /** Rows so far. */
  rows = 0;
  /** The sum of the XXH64 of these rows, without their line feeds, modulo 2^64. */
  hashes = 0n;

  private constructor(exports: Exports, memory: WebAssembly.Memory) {
    this.#exports = exports;
    this.bytes = Buffer.from(memory.buffer);
    this.#inputAt = exports.free();
    this.#from = this.#to = this.#inputAt;
    // The scanner looks 16 bytes ahead.
    this.outputAt = this.#inputAt + inputBytes + 16;
  }

  /** `outputBytes` is the size of the caller's part of the memory. */
  static async create(outputBytes: number): Promise<CsvScanner> {
    const module = await (compiled ??= compile());
    const needed = 2 * page + inputBytes + outputBytes;
    const pages = Math.ceil(needed / page);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return new CsvScanner(instance.exports as unknown as Exports, memory);
  }

  /** Where the next bytes of input may go; `accept` is told when they are there. */
  space(): Uint8Array {
    if (this.#from > this.#inputAt) {
      this.bytes.copyWithin(this.#inputAt, this.#from, this.#to);
      this.#to -= this.#from - this.#inputAt;
      this.#from = this.#inputAt;
    }
    return this.bytes.subarray(this.#to, this.#to + readBytes);
  }

  /** Adds input: bytes that have been put into the `space`, or others, at most `readBytes`. */
  accept(chunk: Uint8Array): void {
    const inPlace =
      chunk.buffer === this.bytes.buffer && chunk.byteOffset === this.bytes.byteOffset + this.#to;
    if (!inPlace) this.space().set(chunk);
    this.#to += chunk.length;
  }

  /** Writes whole rows to [target, limit) of the memory. */
  scan(target: number, limit: number): Stop {
    const stop = this.#exports.scan(this.#from, this.#to, target, limit);
    this.#from = this.#exports.taken.value;
    this.written = this.#exports.written.value;
    this.rows += this.#exports.rows.value;
    this.hashes = BigInt.asUintN(64, this.hashes + this.#exports.hashes.value);
    if (stop === stops.moreInput && this.#to - this.#from > largestRow) {
      throw new Failure(
        'data',
        `a row of the source is larger than ${String(largestRow)} bytes; no purchase is`,
      );
    }
    return stop;
  }

  /** The message of another kind that a scan stopped at, taken out, once all of it is there. */
  takeMessage(): Buffer | undefined {
    if (this.#to - this.#from < 5) return undefined;
    const end = this.#from + 1 + this.bytes.readUInt32BE(this.#from + 1);
    if (end > this.#to) return undefined;
    const message = Buffer.from(this.bytes.subarray(this.#from, end));
    this.#from = end;
    return message;
  }

  /** What has not been looked at; the input is empty afterwards. */
  takeRest(): Buffer {
    const rest = Buffer.from(this.bytes.subarray(this.#from, this.#to));
    this.#from = this.#to = this.#inputAt;
    return rest;
  }
}
