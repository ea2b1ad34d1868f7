/** One file of a day: how it is filled and what the manifest says about it. */
import { ObjectUpload, type UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';

const hex = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, '0');

/** Row count and row hash of a file, to which each of its ranges adds. */
export class RowTotals {
  rows = 0;
  #hashSum = 0n;

  /** `hashSum` is the sum of the rows' XXH64 hashes. */
  add(rows: number, hashSum: bigint): void {
    this.rows += rows;
    this.#hashSum = BigInt.asUintN(64, this.#hashSum + hashSum);
  }

  /** 16 hexadecimal digits. A sum does not depend on the order of the rows. */
  get rowHash(): string {
    return hex(this.#hashSum, 16);
  }
}

export interface OutputFile {
  readonly totals: RowTotals;
  /**
   * Sends a part as soon as its bytes are available. Resolves when they may be overwritten.
   * @throws the failure of an earlier part.
   */
  sendPart(number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void>;
  /** Sets the whole content of a file without parts; `complete` writes it. */
  setContent(bytes: Buffer): void;
  /**
   * Says that a range has sent all of its parts and added its totals. Returns what to await before the range's
   * connection fills another file, or undefined if it need not wait.
   */
  endRange(): Promise<unknown> | undefined;
  /** Finishes the file in S3. Call it after all ranges have been sent. */
  complete(): Promise<ManifestFile>;
  /** Ends the upload after a failure; never throws. */
  abandon(): Promise<void>;
}

/** An uncompressed file. Its parts may arrive in any order. */
export class PlainFile implements OutputFile {
  readonly totals = new RowTotals();
  readonly #upload: ObjectUpload;
  readonly #sentParts: Promise<void>[] = [];
  #content: Buffer | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(target: UploadTarget) {
    this.#upload = new ObjectUpload(target);
  }

  sendPart(number: number, bytes: Promise<Uint8Array> | Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const sent = (async () => this.#upload.store(number, await bytes))();
    // `complete` awaits all parts; until then a rejection must not count as unhandled.
    sent.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#sentParts.push(sent);
    return sent;
  }

  setContent(bytes: Buffer): void {
    this.#content = bytes;
  }

  endRange(): undefined {
    // Further ranges may follow in this file.
  }

  async complete(): Promise<ManifestFile> {
    await Promise.all(this.#sentParts);
    if (this.#content === undefined) await this.#upload.complete();
    else await this.#upload.putWhole(this.#content);
    return {
      key: this.#upload.key,
      bytes: this.#upload.bytes,
      rows: this.totals.rows,
      crc32: hex(this.#upload.crc, 8),
      rowHash: this.totals.rowHash,
    };
  }

  async abandon(): Promise<void> {
    await this.#upload.abandon();
  }
}
