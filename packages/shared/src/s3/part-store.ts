/** Uploads the parts of an object in sequence. The caller can fill the next part during an upload. */
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

  /** Resolves when the previous part is stored. Do not change these bytes until the next call resolves. */
  async store(bytes: Uint8Array): Promise<void> {
    await this.#inFlight;
    this.#inFlight = this.#object.store(this.next, bytes);
    this.next += 1;
    // The next call awaits it. Until then, a failure must not be an unhandled rejection.
    this.#inFlight.catch(() => undefined);
  }

  /** Adds the last bytes and completes the object. An object with one part is written in one request. */
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
