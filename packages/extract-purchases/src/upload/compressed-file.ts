/** One file of a day that is compressed on its way to S3: what is sent goes through one compressor, in turn. */
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { uploadStream } from '@user-behaviour/shared/s3/stream-upload';
import { type DayFile, hex } from './output-file.ts';
import { encode, type OutputFormat } from './output-format.ts';

interface Sent {
  readonly bytes: Promise<Uint8Array> | Uint8Array;
  readonly taken: PromiseWithResolvers<undefined>;
}

/**
 * The size of what comes out is not known before, so its parts are cut after the compressor, and a
 * file has one range only: its pieces come in their order.
 */
export class CompressedFile implements DayFile {
  readonly #queue: Sent[] = [];
  readonly #uploaded: ReturnType<typeof uploadStream>;
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<undefined>();
  #ended = false;
  #rows = 0;
  #hashes = 0n;

  constructor(target: UploadTarget, format: OutputFormat) {
    const signal = AbortSignal.any([target.signal, this.#stop.signal]);
    this.#uploaded = uploadStream({ ...target, signal }, encode(format, this.#pieces()));
    // Awaited at the end; who waits for a piece until then learns of the failure here.
    this.#uploaded.catch((error: unknown) => {
      this.#end();
      for (const { taken } of this.#queue) taken.reject(error);
    });
  }

  count(rows: number, hashes: bigint): void {
    this.#rows += rows;
    this.#hashes = BigInt.asUintN(64, this.#hashes + hashes);
  }

  /** Resolves when the compressor has taken the bytes. @throws what ended the upload. */
  send(_number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void> {
    if (this.#ended) return this.#uploaded.then(() => undefined);
    const taken = Promise.withResolvers<undefined>();
    taken.promise.catch(() => undefined);
    this.#queue.push({ bytes, taken });
    this.#wake.resolve(undefined);
    return taken.promise;
  }

  putLater(bytes: Buffer): void {
    void this.send(1, bytes);
  }

  async complete(): Promise<ManifestFile> {
    this.#end();
    const { key, bytes, sha256 } = await this.#uploaded;
    return { key, bytes, rows: this.#rows, sha256, rowHash: hex(this.#hashes, 16) };
  }

  async abandon(): Promise<void> {
    this.#stop.abort();
    this.#end();
    await this.#uploaded.catch(() => undefined);
  }

  #end(): void {
    this.#ended = true;
    this.#wake.resolve(undefined);
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const next = this.#queue[0];
      if (next !== undefined) {
        yield await next.bytes;
        // The reader comes back when it is done with them.
        this.#queue.shift();
        next.taken.resolve(undefined);
      } else if (this.#ended) {
        return;
      } else {
        this.#wake = Promise.withResolvers<undefined>();
        await this.#wake.promise;
      }
    }
  }
}
