/** The part buffers of one connection: a ring of three, filled and uploaded in turn. */

/** Sizes of an object's parts in bytes. */
export interface PartSizes {
  readonly max: number;
  /** Smallest size of every part but an object's last. */
  readonly min: number;
}

/**
 * S3 accepts parts of 5 MiB to 5 GiB (S3 guide, "Multipart upload limits"); larger ones would only take
 * more memory. A part is full when the next row might not fit. The scanner reserves four times a row's
 * size, so the largest row, 192 KiB, ends a part up to 768 KiB early, which is still above 5 MiB.
 */
export const partSizes: PartSizes = { max: 6 * 1024 * 1024, min: 5 * 1024 * 1024 };

const slots = 3;

/** A region of the memory that is uploaded as one part: it starts with the slot and may exceed it. */
export interface PartSlice {
  readonly slot: number;
  /** Byte offsets in the memory. */
  readonly start: number;
  readonly end: number;
}

export class PartBuffers {
  readonly sizes: PartSizes;
  readonly memory: Buffer;
  /** Offset of the first slot. Less than a minimal part of an earlier range fits before it. */
  readonly #firstSlot: number;
  readonly #uploads: (Promise<void> | undefined)[] = [];

  /** Bytes that the buffers need: the slots, and a minimal part's size before and after them. */
  static memorySize({ max, min }: PartSizes): number {
    return min + slots * max + min;
  }

  /** Uses `memorySize(sizes)` bytes of the memory from `offset` on. */
  constructor(memory: Buffer, offset: number, sizes: PartSizes) {
    this.memory = memory;
    this.sizes = sizes;
    this.#firstSlot = offset + sizes.min;
  }

  startOf(slot: number): number {
    return this.#firstSlot + slot * this.sizes.max;
  }

  next(slot: number): number {
    return (slot + 1) % slots;
  }

  /** Returns what to await before the slot is filled, or undefined if it is free. */
  whenFree(slot: number): Promise<void> | undefined {
    return this.#uploads[slot];
  }

  /** Reserves the slice's slots until its upload has settled. */
  reserve(slice: PartSlice, upload: Promise<void>): void {
    const last = Math.floor((slice.end - 1 - this.#firstSlot) / this.sizes.max);
    for (let slot = slice.slot; slot <= Math.min(last, slots - 1); slot += 1) {
      this.#uploads[slot] = upload;
      const free = () => {
        if (this.#uploads[slot] === upload) this.#uploads[slot] = undefined;
      };
      // The file reports a failed upload. The memory is free for the next day either way.
      upload.then(free, free);
    }
  }

  /** Appends a slice of less than `sizes.min` bytes to the slice before it. */
  append(first: PartSlice, second: PartSlice): PartSlice {
    this.memory.copyWithin(first.end, second.start, second.end);
    return { ...first, end: first.end + second.end - second.start };
  }
}
