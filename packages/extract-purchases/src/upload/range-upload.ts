/** One range of the table on its way into the day's file: it fills parts, and sends them under its own numbers. */
import type { RowTarget } from '../copy/copy-protocol.ts';
import type { CsvScanner } from '../copy/csv-scanner.ts';
import type { DayFile } from './output-file.ts';
import type { PartRing, Piece } from './part-buffers.ts';
import type { RangeOrder } from './range-handover.ts';

/** The parts that a range may send into a file. */
export interface PartNumbers {
  readonly file: DayFile;
  readonly first: number;
  readonly count: number;
}

/** The memory of one connection. */
export interface Lane {
  readonly scanner: CsvScanner;
  readonly ring: PartRing;
}

export interface RangePlace {
  readonly range: number;
  readonly order: RangeOrder;
  readonly numbers: PartNumbers;
  /** The first line of every file. */
  readonly header: Buffer;
  /** A file for what goes beyond the range's numbers; it begins with the header. */
  readonly overflow: (range: number) => PartNumbers;
}

export class RangeUpload implements RowTarget {
  readonly #lane: Lane;
  readonly #place: RangePlace;
  #numbers: PartNumbers;
  /** How many parts of the current file have been filled and how many sent. */
  #filled = 0;
  #sent = 0;
  /** A full part is kept until there is enough for another: what is left at the end may be too little. */
  #kept: Piece | undefined;
  #slot = 0;
  #announced = false;
  #counted: { rows: number; hashes: bigint };
  position = 0;

  constructor(lane: Lane, place: RangePlace) {
    this.#lane = lane;
    this.#place = place;
    this.#numbers = place.numbers;
    this.#counted = { rows: lane.scanner.rows, hashes: lane.scanner.hashes };
    this.position = lane.ring.start(0);
    if (place.range === 0) this.#writeHeader();
  }

  /** Waits until the memory of the range before, on the same connection, is free. */
  static async begin(lane: Lane, place: RangePlace): Promise<RangeUpload> {
    await lane.ring.busy(0);
    return new RangeUpload(lane, place);
  }

  get limit(): number {
    return this.#lane.ring.start(this.#slot) + this.#lane.ring.sizes.part;
  }

  get #current(): Piece {
    return { slot: this.#slot, at: this.#lane.ring.start(this.#slot), end: this.position };
  }

  get #inOverflow(): boolean {
    return this.#numbers !== this.#place.numbers;
  }

  grown(): void {
    if (this.position - this.#lane.ring.start(this.#slot) < this.#lane.ring.sizes.least) return;
    if (!this.#announced) {
      this.#announced = true;
      this.#place.order.sendsItself(this.#place.range);
    }
    this.#sendKept();
  }

  turn(): Promise<void> | undefined {
    const { ring } = this.#lane;
    this.#sendKept();
    this.#kept = this.#current;
    this.#filled += 1;
    this.#slot = ring.after(this.#slot);
    this.position = ring.start(this.#slot);
    const busy = ring.busy(this.#slot);
    if (this.#filled < this.#numbers.count) return busy;
    this.#sendKept();
    if (busy === undefined) this.#nextFile();
    return busy?.then(() => {
      this.#nextFile();
    });
  }

  #nextFile(): void {
    this.#settleCount();
    this.#numbers = this.#place.overflow(this.#place.range);
    this.#filled = this.#sent = 0;
    this.#writeHeader();
  }

  #writeHeader(): void {
    this.#lane.ring.bytes.set(this.#place.header, this.position);
    this.position += this.#place.header.length;
  }

  #settleCount(): void {
    const { rows, hashes } = this.#lane.scanner;
    this.#numbers.file.count(rows - this.#counted.rows, hashes - this.#counted.hashes);
    this.#counted = { rows, hashes };
  }

  #sendKept(): void {
    if (this.#kept === undefined) return;
    this.#send(this.#kept);
    this.#kept = undefined;
  }

  #send(piece: Piece): void {
    const { ring } = this.#lane;
    const first = this.#sent === 0 && !this.#inOverflow;
    const bytes = first ? this.#withPrefix(piece) : ring.bytes.subarray(piece.at, piece.end);
    ring.hold(piece, this.#numbers.file.send(this.#numbers.first + this.#sent, bytes));
    this.#sent += 1;
  }

  /** The range's first part, what the ranges before handed on in the room before it. */
  async #withPrefix({ at, end }: Piece): Promise<Uint8Array> {
    const { bytes } = await this.#place.order.before(this.#place.range);
    this.#lane.ring.bytes.set(bytes, at - bytes.length);
    return this.#lane.ring.bytes.subarray(at - bytes.length, end);
  }

  /** After the last row. */
  async finish(): Promise<void> {
    const { ring } = this.#lane;
    const { order, range } = this.#place;
    const rest = this.#current;
    const size = rest.end - rest.at;
    this.#settleCount();
    if (this.#kept !== undefined && !order.isLast(range) && !this.#inOverflow) {
      this.#send(ring.join(this.#kept, rest));
      this.#kept = undefined;
    } else if (this.#kept !== undefined || this.#sent > 0 || this.#inOverflow) {
      this.#sendKept();
      if (size > 0) this.#send(rest);
    } else {
      await this.#finishShort(rest);
    }
    order.sendsItself(range);
  }

  /** A range of less than one part. */
  async #finishShort(rest: Piece): Promise<void> {
    const { order, range, numbers } = this.#place;
    const before = await order.before(range);
    const size = before.bytes.length + rest.end - rest.at;
    const joined = () =>
      Buffer.concat([before.bytes, this.#lane.ring.bytes.subarray(rest.at, rest.end)], size);
    if (order.isLast(range) && before.isAll) numbers.file.putLater(joined());
    else if (size >= this.#lane.ring.sizes.least) this.#send(rest);
    else if (!order.isLast(range)) order.handOn(range, { bytes: joined(), isAll: before.isAll });
    else if (size > 0) this.#send(rest);
  }
}
