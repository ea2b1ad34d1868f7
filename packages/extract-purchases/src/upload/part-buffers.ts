/** The buffers of one connection: three parts of an object, in turn filled and sent. */

/** Bytes. */
export interface PartSizes {
  /** How large a part may become. */
  readonly part: number;
  /** How large every part but an object's last must be. */
  readonly least: number;
}

/**
 * S3 takes parts from 5 MiB to 5 GiB; larger ones would only take more memory. A part is full when the
 * next row might not fit, which for the largest row is 768 KiB before its end.
 */
export const partSizes: PartSizes = { part: 6 * 1024 * 1024, least: 5 * 1024 * 1024 };

const slots = 3;

/** A stretch of the memory that is sent as one part. */
export interface Piece {
  readonly slot: number;
  readonly at: number;
  readonly end: number;
}

export class PartRing {
  readonly sizes: PartSizes;
  readonly bytes: Buffer;
  /** Where the first slot begins: before it there is room for what a range before handed on. */
  readonly #first: number;
  readonly #sending: (Promise<void> | undefined)[] = [];

  /** How much memory it takes: three slots, and room before the first and after the last. */
  static memory({ part, least }: PartSizes): number {
    return least + slots * part + least;
  }

  constructor(bytes: Buffer, at: number, sizes: PartSizes) {
    this.bytes = bytes;
    this.sizes = sizes;
    this.#first = at + sizes.least;
  }

  /** Where a slot's content begins. */
  start(slot: number): number {
    return this.#first + slot * this.sizes.part;
  }

  after(slot: number): number {
    return (slot + 1) % slots;
  }

  /** What has to be waited for before the slot may be filled. */
  busy(slot: number): Promise<void> | undefined {
    return this.#sending[slot];
  }

  /** The slots of the piece are taken until it has been sent. */
  hold(piece: Piece, sent: Promise<void>): void {
    const last = Math.floor((piece.end - 1 - this.#first) / this.sizes.part);
    for (let slot = piece.slot; slot <= Math.min(last, slots - 1); slot += 1) {
      this.#sending[slot] = sent;
      const free = () => {
        if (this.#sending[slot] === sent) this.#sending[slot] = undefined;
      };
      // Who sent it learns of a failure; the next day may have the memory.
      sent.then(free, free);
    }
  }

  /**
   * One piece of two that follow each other in the text: the second, less than `least` bytes, is
   * moved to the end of the first.
   */
  join(first: Piece, second: Piece): Piece {
    this.bytes.copyWithin(first.end, second.at, second.end);
    return { ...first, end: first.end + second.end - second.at };
  }
}
