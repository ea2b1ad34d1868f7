/** One file of a day on its way to S3, and what it holds. */
import { ObjectUpload, type UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';

export const hex = (value: number | bigint, digits: number) =>
  value.toString(16).padStart(digits, '0');

/** What ranges fill. */
export interface DayFile {
  /** Adds to the rows, and to the sum of their hashes. */
  count(rows: number, hashes: bigint): void;
  /** Sends a part when its bytes are known; resolves when they may change again. @throws when another part has failed. */
  send(number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void>;
  /** All the file holds, when it has no parts. */
  putLater(bytes: Buffer): void;
  complete(): Promise<ManifestFile>;
  abandon(): Promise<void>;
}

/** A file as it is, whose parts come in any order. */
export class OutputFile implements DayFile {
  readonly #upload: ObjectUpload;
  readonly #sent: Promise<void>[] = [];
  #whole: Buffer | undefined;
  #failed: { readonly error: unknown } | undefined;
  #rows = 0;
  #hashes = 0n;

  constructor(target: UploadTarget) {
    this.#upload = new ObjectUpload(target);
  }

  count(rows: number, hashes: bigint): void {
    this.#rows += rows;
    this.#hashes = BigInt.asUintN(64, this.#hashes + hashes);
  }

  send(number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed.error;
    const sent = (async () => this.#upload.store(number, await bytes))();
    // Awaited by who needs the buffer, and at the end; until then a failure must not count as unhandled.
    sent.catch((error: unknown) => {
      this.#failed ??= { error };
    });
    this.#sent.push(sent);
    return sent;
  }

  putLater(bytes: Buffer): void {
    this.#whole = bytes;
  }

  async complete(): Promise<ManifestFile> {
    await Promise.all(this.#sent);
    if (this.#whole === undefined) await this.#upload.complete();
    else await this.#upload.putWhole(this.#whole);
    return {
      key: this.#upload.key,
      bytes: this.#upload.bytes,
      rows: this.#rows,
      crc32: hex(this.#upload.crc, 8),
      rowHash: hex(this.#hashes, 16),
    };
  }

  async abandon(): Promise<void> {
    await this.#upload.abandon();
  }
}
