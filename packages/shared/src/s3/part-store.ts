/** The parts of one object, one after another: one is on its way while the next one fills. */
import { ObjectUpload, type UploadTarget } from './object-upload.ts';

export type { UploadTarget } from './object-upload.ts';

export class PartStore {
  readonly #object: ObjectUpload;
  #inFlight: Promise<void> = Promise.resolve();
  next = 1;

  constructor(target: UploadTarget) {
    this.#object = new ObjectUpload(target);
  }

  get bytes(): number {
    return this.#object.bytes;
  }

  /** Resolves when the part before this one is stored; this one's bytes must not change until then. */
  async store(bytes: Uint8Array): Promise<void> {
    await this.#inFlight;
    this.#inFlight = this.#object.store(this.next, bytes);
    this.next += 1;
    // Awaited with the next part or at the end; until then a failure must not count as unhandled.
    this.#inFlight.catch(() => undefined);
  }

  /** The last bytes; without any before them the object is written whole. */
  async finish(last: Uint8Array): Promise<void> {
    if (this.next === 1) return this.#object.putWhole(last);
    if (last.length > 0) await this.store(last);
    await this.#inFlight;
    await this.#object.complete();
  }

  abandon(): Promise<void> {
    return this.#object.abandon();
  }
}
