/** Fills parts with the rows of one range and sends them under the range's part numbers. */
import type { RowTarget } from '../copy/copy-protocol.ts';
import type { ConnectionBuffers } from './connection-buffers.ts';
import type { OutputFile } from './output-file.ts';
import type { PartSlice } from './part-buffers.ts';
import type { RangeHandover } from './range-handover.ts';

/** The part numbers of a file that are reserved for one range. */
export interface PartNumbers {
  readonly file: OutputFile;
  readonly first: number;
  readonly count: number;
}

export interface RangeOptions {
  /** Index of the range in its file, from 0. */
  readonly range: number;
  readonly handover: RangeHandover;
  readonly numbers: PartNumbers;
  /** First line of every file. */
  readonly header: Buffer;
  /** Opens another file once the range has used up its part numbers. */
  readonly openNextFile: () => PartNumbers;
}

export class RangeUpload implements RowTarget {
  readonly #buffers: ConnectionBuffers;
  readonly #options: RangeOptions;
  #numbers: PartNumbers;
  /** Parts of the current file that have been filled, and that have been sent. */
  #filled = 0;
  #sent = 0;
  /** The last full part waits until another one has enough bytes: what remains may be too small for S3. */
  #heldBack: PartSlice | undefined;
  #slot = 0;
  #handedOver = false;
  /** The scanner's totals at the end of what has been added to a file's totals. */
  #counted: { rowCount: number; hashSum: bigint };
  position = 0;
  /** What to await before the connection's next range: the last file, unless it may be open beside others. */
  stored: Promise<unknown> | undefined;

  private constructor(buffers: ConnectionBuffers, options: RangeOptions) {
    this.#buffers = buffers;
    this.#options = options;
    this.#numbers = options.numbers;
    this.#counted = { rowCount: buffers.scanner.rowCount, hashSum: buffers.scanner.hashSum };
    this.position = buffers.parts.startOf(0);
    if (options.range === 0) this.#writeHeader();
  }

  /** Waits until the connection's previous range has been sent, then begins this one. */
  static async begin(buffers: ConnectionBuffers, options: RangeOptions): Promise<RangeUpload> {
    await buffers.parts.whenFree(0);
    return new RangeUpload(buffers, options);
  }

  get limit(): number {
    return this.#buffers.parts.startOf(this.#slot) + this.#buffers.parts.sizes.max;
  }

  get #currentPart(): PartSlice {
    return {
      slot: this.#slot,
      start: this.#buffers.parts.startOf(this.#slot),
      end: this.position,
    };
  }

  get #isInFurtherFile(): boolean {
    return this.#numbers !== this.#options.numbers;
  }

  onRowsWritten(): void {
    const { parts } = this.#buffers;
    if (this.position - parts.startOf(this.#slot) < parts.sizes.min) return;
    if (!this.#handedOver) {
      this.#handedOver = true;
      this.#options.handover.handOverNothing(this.#options.range);
    }
    this.#sendHeldBack();
  }

  nextPart(): Promise<void> | undefined {
    const { parts } = this.#buffers;
    this.#sendHeldBack();
    this.#heldBack = this.#currentPart;
    this.#filled += 1;
    this.#slot = parts.next(this.#slot);
    this.position = parts.startOf(this.#slot);
    const free = parts.whenFree(this.#slot);
    if (this.#filled < this.#numbers.count) return free;
    this.#sendHeldBack();
    const stored = this.#endFile();
    if (free === undefined && stored === undefined) {
      this.#beginNextFile();
      return;
    }
    return Promise.all([free, stored]).then(() => {
      this.#beginNextFile();
    });
  }

  #beginNextFile(): undefined {
    this.#numbers = this.#options.openNextFile();
    this.#filled = this.#sent = 0;
    this.#writeHeader();
  }

  #writeHeader(): void {
    this.#buffers.parts.memory.set(this.#options.header, this.position);
    this.position += this.#options.header.length;
  }

  #endFile(): Promise<unknown> | undefined {
    const { rowCount, hashSum } = this.#buffers.scanner;
    const { file } = this.#numbers;
    file.totals.add(rowCount - this.#counted.rowCount, hashSum - this.#counted.hashSum);
    this.#counted = { rowCount, hashSum };
    return file.endRange();
  }

  #sendHeldBack(): void {
    if (this.#heldBack === undefined) return;
    this.#send(this.#heldBack);
    this.#heldBack = undefined;
  }

  #send(slice: PartSlice): void {
    const { parts } = this.#buffers;
    const isFirstOfRange = this.#sent === 0 && !this.#isInFurtherFile;
    const bytes = isFirstOfRange
      ? this.#withPrefix(slice)
      : parts.memory.subarray(slice.start, slice.end);
    const sent = this.#numbers.file.sendPart(this.#numbers.first + this.#sent, bytes);
    parts.reserve(slice, sent);
    this.#sent += 1;
  }

  /** Puts what the previous range hands over before the range's first part. */
  async #withPrefix({ start, end }: PartSlice): Promise<Uint8Array> {
    const { bytes } = await this.#options.handover.receive(this.#options.range);
    const { memory } = this.#buffers.parts;
    memory.set(bytes, start - bytes.length);
    return memory.subarray(start - bytes.length, end);
  }

  /** Sends or hands over what remains after the last row. The file's `complete` awaits the upload. */
  async finish(): Promise<void> {
    const { handover, range } = this.#options;
    const rest = this.#currentPart;
    const isEmpty = rest.end === rest.start;
    if (this.#heldBack !== undefined && !handover.isLast(range) && !this.#isInFurtherFile) {
      // More parts follow in this file, so none of the range's parts may be small.
      this.#send(this.#buffers.parts.append(this.#heldBack, rest));
      this.#heldBack = undefined;
    } else if (this.#heldBack !== undefined || this.#sent > 0 || this.#isInFurtherFile) {
      this.#sendHeldBack();
      if (!isEmpty) this.#send(rest);
    } else {
      await this.#finishWithoutFullPart(rest);
    }
    handover.handOverNothing(range);
    this.stored = this.#endFile();
  }

  async #finishWithoutFullPart(rest: PartSlice): Promise<void> {
    const { handover, range, numbers } = this.#options;
    const { memory, sizes } = this.#buffers.parts;
    const prefix = await handover.receive(range);
    const size = prefix.bytes.length + rest.end - rest.start;
    const joined = () => Buffer.concat([prefix.bytes, memory.subarray(rest.start, rest.end)], size);
    if (handover.isLast(range) && prefix.isWhole) numbers.file.setContent(joined());
    else if (size >= sizes.min) this.#send(rest);
    else if (!handover.isLast(range)) {
      handover.handOver(range, { bytes: joined(), isWhole: prefix.isWhole });
    } else if (size > 0) this.#send(rest);
  }
}
