/** One file of a day that is compressed, or encoded as Parquet, while it is uploaded. */
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { discard, uploadStream } from '@user-behaviour/shared/s3/stream-upload';
import { type OutputFile, RowTotals } from './output-file.ts';
import { encode, type OutputFormat } from './output-format.ts';

interface QueuedPart {
  readonly bytes: Promise<Uint8Array> | Uint8Array;
  /** Settles when the encoder has consumed the bytes. */
  readonly consumed: PromiseWithResolvers<undefined>;
}

/**
 * The encoded size is not known in advance, so S3's parts are cut after the encoder. Parts are
 * encoded in the order of the calls, whatever their numbers, so a file holds only one range.
 */
export class EncodedFile implements OutputFile {
  readonly totals = new RowTotals();
  readonly #target: UploadTarget;
  readonly #queue: QueuedPart[] = [];
  readonly #uploaded: ReturnType<typeof uploadStream>;
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<undefined>();
  #ended = false;

  readonly #ownsKey: boolean;

  /** See `DayUploadOptions` for `ownsKey`. */
  constructor(target: UploadTarget, format: OutputFormat, ownsKey: boolean) {
    this.#target = target;
    this.#ownsKey = ownsKey;
    const signal = AbortSignal.any([target.signal, this.#stop.signal]);
    this.#uploaded = uploadStream(
      { ...target, signal },
      encode(format, this.#queuedBytes(), () => this.totals.rows),
    );
    // `complete` awaits the upload; until then a failure reaches the callers through their parts.
    this.#uploaded.catch((error: unknown) => {
      this.#end();
      for (const { consumed } of this.#queue) consumed.reject(error);
    });
  }

  sendPart(_number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void> {
    if (this.#ended) return this.#uploaded.then(() => undefined);
    const consumed = Promise.withResolvers<undefined>();
    consumed.promise.catch(() => undefined);
    this.#queue.push({ bytes, consumed });
    this.#wake.resolve(undefined);
    return consumed.promise;
  }

  setContent(bytes: Buffer): void {
    void this.sendPart(1, bytes);
  }

  /** The encoder holds a row group, and the upload a part: both are free when the file is stored. */
  endRange(): Promise<unknown> {
    this.#end();
    return this.#uploaded;
  }

  async complete(): Promise<ManifestFile> {
    const { key, bytes, sha256 } = await this.#uploaded;
    return { key, bytes, rows: this.totals.rows, sha256, rowHash: this.totals.rowHash };
  }

  async abandon(): Promise<void> {
    this.#stop.abort();
    this.#end();
    const stored = await this.#uploaded.catch(() => undefined);
    if (stored === undefined || !this.#ownsKey) return;
    await discard(this.#target, [stored.key]).catch(() => undefined);
  }

  #end(): void {
    this.#ended = true;
    this.#wake.resolve(undefined);
  }

  async *#queuedBytes(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const part = this.#queue[0];
      if (part !== undefined) {
        yield await part.bytes;
        // The generator resumes when the encoder has consumed them.
        this.#queue.shift();
        part.consumed.resolve(undefined);
      } else if (this.#ended) {
        return;
      } else {
        this.#wake = Promise.withResolvers<undefined>();
        await this.#wake.promise;
      }
    }
  }
}
