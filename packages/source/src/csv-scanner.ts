/** Host side of the WebAssembly scanner in assembly/: owns its memory and feeds it. */
import { Failure } from '@user-behaviour/shared/failure';
import { lazily } from '@user-behaviour/shared/lazy';

/** The WebAssembly binary in base64, which tools/bundle.mjs defines in a bundle. */
declare const BUNDLED_SCANNER: string;

/** Bytes in a page of WebAssembly memory. */
const pageBytes = 64 * 1024;
/** Limit for one row in COPY's text format. A purchase has about 80 bytes; its columns allow 10 kB. */
const maxRowBytes = 192 * 1024;
/** Limit for one read from the socket: large enough for few calls, small enough for a core's cache. */
const maxReadBytes = 256 * 1024;

/** The input holds at most an incomplete row, a read that waits for output space, and the next read. */
const inputBytes = maxRowBytes + 2 * maxReadBytes;
/** The scanner loads up to 64 bytes at a time, so it reads past the end of its input. */
const readAhead = 64;

/** Why a scan stopped. Keep in sync with assembly/csv-scanner.ts. */
export const stopReasons = {
  needsInput: 0,
  outputFull: 1,
  otherMessage: 2,
  invalidRow: 3,
} as const;
export type StopReason = (typeof stopReasons)[keyof typeof stopReasons];

interface Exports {
  readonly heapBase: () => number;
  readonly scan: (
    source: number,
    end: number,
    target: number,
    limit: number,
    hashesRecords: boolean,
  ) => StopReason;
  readonly inputStart: { readonly value: number };
  readonly outputEnd: { readonly value: number };
  readonly rowCount: { readonly value: number };
  readonly hashSum: { readonly value: bigint };
  readonly recordSum: { readonly value: bigint };
  readonly unreadableRows: { readonly value: number };
}

const loadModule = lazily(async (): Promise<WebAssembly.Module> => {
  if (typeof BUNDLED_SCANNER === 'undefined') {
    const { compileScanner } = await import('../assembly/compile.ts');
    return new WebAssembly.Module(await compileScanner());
  }
  return new WebAssembly.Module(Buffer.from(BUNDLED_SCANNER, 'base64'));
});

/**
 * Converts the messages of `COPY … TO STDOUT (FORMAT text)` to PostgreSQL's CSV. Positions are byte
 * offsets in `memory`; the caller owns the region from `outputStart` on.
 */
export class CsvScanner {
  readonly memory: Buffer;
  readonly outputStart: number;
  readonly #exports: Exports;
  readonly #inputBase: number;
  readonly #hashesRecords: boolean;
  /** Unconsumed input: [start, end). */
  #inputStart: number;
  #inputEnd: number;
  /** End of the last scan's output. */
  outputEnd = 0;
  /** Rows converted since the scanner was created. */
  rowCount = 0;
  /** Sum of the XXH64 hashes of these rows as CSV, without line feeds, modulo 2^64. */
  hashSum = 0n;
  /**
   * Sum of the hashes of these rows, modulo 2^64, as PostgreSQL makes them of the records of
   * sql/source/extract/digests.sql; zero unless `hashesRecords`.
   */
  recordSum = 0n;
  /** How many of these rows have other columns than a purchase, or a time that is on no day; they are in no `recordSum`. */
  unreadableRows = 0;

  private constructor(exports: Exports, memory: WebAssembly.Memory, hashesRecords: boolean) {
    this.#exports = exports;
    this.#hashesRecords = hashesRecords;
    this.memory = Buffer.from(memory.buffer);
    this.#inputBase = exports.heapBase();
    this.#inputStart = this.#inputEnd = this.#inputBase;
    this.outputStart = this.#inputBase + inputBytes + readAhead;
  }

  /** Creates a scanner whose output region has `outputBytes` bytes. */
  static async create(
    outputBytes: number,
    { hashesRecords }: { readonly hashesRecords: boolean },
  ): Promise<CsvScanner> {
    const module = await loadModule();
    // One page for the module's own data, one for read-ahead and rounding.
    const pages = Math.ceil((2 * pageBytes + inputBytes + outputBytes) / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return new CsvScanner(instance.exports as unknown as Exports, memory, hashesRecords);
  }

  /** Returns the memory to read the next input into. Pass what was read to `addInput`. */
  inputBuffer(): Uint8Array {
    if (this.#inputStart > this.#inputBase) {
      this.memory.copyWithin(this.#inputBase, this.#inputStart, this.#inputEnd);
      this.#inputEnd -= this.#inputStart - this.#inputBase;
      this.#inputStart = this.#inputBase;
    }
    return this.memory.subarray(this.#inputEnd, this.#inputEnd + maxReadBytes);
  }

  /** Adds at most `maxReadBytes` of input. Copies it unless it is already in the `inputBuffer`. */
  addInput(chunk: Uint8Array): void {
    const inPlace =
      chunk.buffer === this.memory.buffer &&
      chunk.byteOffset === this.memory.byteOffset + this.#inputEnd;
    if (!inPlace) this.inputBuffer().set(chunk);
    this.#inputEnd += chunk.length;
  }

  /**
   * Converts whole rows and writes them to [target, limit).
   * @throws a data failure if a row is larger than `maxRowBytes`.
   */
  scan(target: number, limit: number): StopReason {
    const reason = this.#exports.scan(
      this.#inputStart,
      this.#inputEnd,
      target,
      limit,
      this.#hashesRecords,
    );
    this.#inputStart = this.#exports.inputStart.value;
    this.outputEnd = this.#exports.outputEnd.value;
    this.rowCount += this.#exports.rowCount.value;
    this.hashSum = BigInt.asUintN(64, this.hashSum + this.#exports.hashSum.value);
    this.recordSum = BigInt.asUintN(64, this.recordSum + this.#exports.recordSum.value);
    this.unreadableRows += this.#exports.unreadableRows.value;
    if (reason === stopReasons.needsInput && this.#inputEnd - this.#inputStart > maxRowBytes) {
      throw new Failure(
        'data',
        `a row of retail.user_purchase is larger than ${String(maxRowBytes)} bytes, the limit for one row`,
      );
    }
    return reason;
  }

  /** After `otherMessage`: removes and returns that message, or returns undefined if it is incomplete. */
  takeMessage(): Buffer | undefined {
    if (this.#inputEnd - this.#inputStart < 5) return undefined;
    const end = this.#inputStart + 1 + this.memory.readUInt32BE(this.#inputStart + 1);
    if (end > this.#inputEnd) return undefined;
    const message = Buffer.from(this.memory.subarray(this.#inputStart, end));
    this.#inputStart = end;
    return message;
  }

  /** Removes and returns all unconsumed input. */
  takeRemainingInput(): Buffer {
    const rest = Buffer.from(this.memory.subarray(this.#inputStart, this.#inputEnd));
    this.#inputStart = this.#inputEnd = this.#inputBase;
    return rest;
  }
}
