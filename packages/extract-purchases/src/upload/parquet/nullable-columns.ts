/** Columns that have null: their values, and a bit for each row that has one. */
import { type Data, Int32, makeData, Utf8 } from 'apache-arrow';
import { byteOf, unreadable, readInteger } from './csv-values.ts';

/** Most bytes of a row: a text that was begun below the limit always fits. */
const maxRowBytes = 192 * 1024;

const bitmapOf = (rows: number) => new Uint8Array(Math.ceil(rows / 8));

const setBit = (bitmap: Uint8Array, row: number): void => {
  bitmap[row >> 3] = (bitmap[row >> 3] ?? 0) | (1 << (row & 7));
};

export class IntegerColumn {
  readonly values: Int32Array<ArrayBuffer>;
  readonly #valid: Uint8Array<ArrayBuffer>;

  constructor(rows: number) {
    this.values = new Int32Array(rows);
    this.#valid = bitmapOf(rows);
  }

  /** An empty field is null. Returns where the next field begins. */
  take(csv: Buffer, at: number, row: number): number {
    if (csv[at] === byteOf.comma) {
      this.values[row] = 0;
      return at + 1;
    }
    setBit(this.#valid, row);
    return readInteger(csv, at, this.values, row);
  }

  takeData(length: number): Data<Int32> {
    const nullBitmap = this.#valid.slice(0, Math.ceil(length / 8));
    this.#valid.fill(0);
    return makeData({
      type: new Int32(),
      length,
      nullBitmap,
      data: this.values.subarray(0, length),
    });
  }
}

export class TextColumn {
  readonly #limit: number;
  readonly #bytes: Buffer<ArrayBuffer>;
  /** Where each text begins, and where the last one ends. */
  readonly #offsets: Int32Array<ArrayBuffer>;
  readonly #valid: Uint8Array<ArrayBuffer>;
  #end = 0;

  constructor({ rows, textBytes }: { readonly rows: number; readonly textBytes: number }) {
    this.#limit = textBytes;
    // Only what is written takes memory.
    this.#bytes = Buffer.from(new ArrayBuffer(textBytes + maxRowBytes));
    this.#offsets = new Int32Array(rows + 1);
    this.#valid = bitmapOf(rows);
  }

  get isFull(): boolean {
    return this.#end >= this.#limit;
  }

  /** An empty field is null, and `""` is the empty text. Returns where the next field begins. */
  take(csv: Buffer, start: number, row: number): number {
    const bytes = this.#bytes;
    let at = start;
    let end = this.#end;
    if (csv[at] === byteOf.quote) {
      setBit(this.#valid, row);
      at += 1;
      for (;;) {
        const quote = csv.indexOf(byteOf.quote, at);
        if (quote === -1) throw unreadable('a quoted text');
        end += csv.copy(bytes, end, at, quote);
        at = quote + 1;
        if (csv[at] !== byteOf.quote) break;
        // A doubled quote is one quote of the text.
        bytes[end] = byteOf.quote;
        end += 1;
        at += 1;
      }
    } else {
      let byte = csv[at];
      if (byte !== byteOf.comma && byte !== byteOf.lineFeed) setBit(this.#valid, row);
      while (byte !== byteOf.comma && byte !== byteOf.lineFeed) {
        if (byte === undefined) throw unreadable('a text');
        bytes[end] = byte;
        end += 1;
        at += 1;
        byte = csv[at];
      }
    }
    this.#end = end;
    this.#offsets[row + 1] = end;
    return at + 1;
  }

  takeData(length: number): Data<Utf8> {
    const nullBitmap = this.#valid.slice(0, Math.ceil(length / 8));
    const data = this.#bytes.subarray(0, this.#end);
    this.#valid.fill(0);
    this.#end = 0;
    return makeData({
      type: new Utf8(),
      length,
      nullBitmap,
      valueOffsets: this.#offsets.subarray(0, length + 1),
      data,
    });
  }
}
