/** The hash of a purchase as a row of CSV, by the scanner that makes the CSV of the published files. */
import { Failure } from '@user-behaviour/shared/failure';
import { CsvScanner, stopReasons } from '@user-behaviour/source/csv-scanner';
import type { Purchase } from './row-values.ts';

/** A purchase that the load takes has less than 5 kB; COPY's escapes double it at most. */
const mostBytes = 16 * 1024;
/** What the scanner wants to have free before it writes a row. */
const outputBytes = 5 * mostBytes;

const byteOf = (text: string): number => text.charCodeAt(0);
const [tab, lineFeed, backslash] = [byteOf('\t'), byteOf('\n'), byteOf('\\')];
/** How COPY's text format writes the bytes that it escapes (PostgreSQL manual, "COPY"). */
const escapes: ReadonlyMap<number, number> = new Map(
  ['\bb', '\ff', '\nn', '\rr', '\tt', '\vv', '\\\\'].map((pair) => [
    pair.charCodeAt(0),
    pair.charCodeAt(1),
  ]),
);
const escapeOf = Uint8Array.from({ length: 256 }, (_, byte) => escapes.get(byte) ?? 0);

export class RowHash {
  readonly #scanner: CsvScanner;
  readonly #message = Buffer.alloc(mostBytes);

  private constructor(scanner: CsvScanner) {
    this.#scanner = scanner;
    this.#message.write('d');
  }

  static async create(): Promise<RowHash> {
    return new RowHash(await CsvScanner.create(outputBytes, { hashesRecords: false }));
  }

  of(purchase: Purchase): bigint {
    const scanner = this.#scanner;
    const before = scanner.hashSum;
    scanner.addInput(this.#rowMessage(purchase));
    const reason = scanner.scan(scanner.outputStart, scanner.outputStart + outputBytes);
    if (reason !== stopReasons.needsInput) {
      throw new Failure('bug', `the scanner stopped in a row of a change: ${String(reason)}`);
    }
    return BigInt.asUintN(64, scanner.hashSum - before);
  }

  /** The row as COPY would send it: a message with its values in text format. */
  #rowMessage(purchase: Purchase): Buffer {
    const message = this.#message;
    let end = 5;
    for (const [index, value] of purchase.entries()) {
      if (index > 0) message[end++] = tab;
      if (value === null) {
        message[end++] = backslash;
        message[end++] = byteOf('N');
        continue;
      }
      for (const byte of value) {
        const escape = escapeOf[byte] ?? 0;
        if (escape !== 0) message[end++] = backslash;
        message[end++] = escape === 0 ? byte : escape;
      }
    }
    message[end++] = lineFeed;
    message.writeUInt32BE(end - 1, 1);
    return message.subarray(0, end);
  }
}
