/** Uploads the ranges of a day to one or more files. */
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { EncodedFile } from './encoded-file.ts';
import type { ConnectionBuffers } from './connection-buffers.ts';
import { type OutputFile, PlainFile } from './output-file.ts';
import type { OutputFormat } from './output-format.ts';
import type { PartSizes } from './part-buffers.ts';
import { RangeHandover } from './range-handover.ts';
import { type PartNumbers, RangeUpload } from './range-upload.ts';

/** S3 numbers the parts of an object from 1 to 10,000 (S3 guide, "Multipart upload limits"). */
export const maxParts = 10_000;

/** Returns how many part numbers of a file of at most `fileBytes` each of its ranges gets. */
export function partsPerRange(fileBytes: number, ranges: number, { max }: PartSizes): number {
  return Math.max(1, Math.min(Math.floor(fileBytes / max), maxParts) / ranges) | 0;
}

export interface DayUploadOptions {
  /** Its key is the first file's. */
  readonly target: UploadTarget;
  /** First line of every file. */
  readonly header: Buffer;
  /** How many ranges the day has. */
  readonly ranges: number;
  readonly sizes: PartSizes;
  /** Largest size of a file in bytes, of CSV before compression. */
  readonly fileBytes: number;
  readonly format: OutputFormat;
  /** False if another attempt may have stored the same keys, and published them: then a failure removes nothing stored. */
  readonly ownsKeys: boolean;
}

/**
 * Plain CSV: all ranges fill the first file at once, each under its own part numbers, and a range that
 * needs more continues in further files. Compressed: each range has its own files.
 */
export class DayUpload {
  readonly #options: DayUploadOptions;
  readonly #handover: RangeHandover;
  readonly #firstFile: OutputFile;
  /** The last range of each connection. */
  readonly #lastRanges = new Map<ConnectionBuffers, RangeUpload>();
  /** By range. */
  readonly #furtherFiles: OutputFile[][] = [];

  constructor(options: DayUploadOptions) {
    this.#options = options;
    this.#handover = new RangeHandover(options.ranges);
    this.#firstFile = this.#createFile(options.target);
  }

  /**
   * Begins a range, numbered from 0. Ranges must begin in order: each may wait for the previous one. A connection
   * fills one compressed file at a time, so memory does not grow with the number of files.
   */
  async beginRange(range: number, buffers: ConnectionBuffers): Promise<RangeUpload> {
    await this.#lastRanges.get(buffers)?.stored;
    const upload = await this.#beginRange(range, buffers);
    this.#lastRanges.set(buffers, upload);
    return upload;
  }

  #beginRange(range: number, buffers: ConnectionBuffers): Promise<RangeUpload> {
    const { header, ranges, sizes, fileBytes, format } = this.#options;
    const openNextFile = () => this.#openNextFile(range);
    if (format === 'csv') {
      const count = partsPerRange(fileBytes, ranges, sizes);
      const numbers = { file: this.#firstFile, first: range * count + 1, count };
      return RangeUpload.begin(buffers, {
        range,
        handover: this.#handover,
        numbers,
        header,
        openNextFile,
      });
    }
    const numbers = range === 0 ? this.#allNumbers(this.#firstFile) : openNextFile();
    return RangeUpload.begin(buffers, {
      range: 0,
      handover: new RangeHandover(1),
      numbers,
      header,
      openNextFile,
    });
  }

  #openNextFile(range: number): PartNumbers {
    const { target } = this.#options;
    const files = (this.#furtherFiles[range] ??= []);
    const key = furtherKey(target.key, range, files.length);
    const file = this.#createFile({ ...target, key });
    files.push(file);
    return this.#allNumbers(file);
  }

  #createFile(target: UploadTarget): OutputFile {
    const { format, ownsKeys } = this.#options;
    return format === 'csv' ? new PlainFile(target) : new EncodedFile(target, format, ownsKeys);
  }

  #allNumbers(file: OutputFile): PartNumbers {
    const { sizes, fileBytes } = this.#options;
    return { file, first: 1, count: partsPerRange(fileBytes, 1, sizes) };
  }

  get #files(): OutputFile[] {
    return [this.#firstFile, ...this.#furtherFiles.flat()];
  }

  /** Stops ranges from waiting for each other after a failure. */
  fail(error: unknown): void {
    this.#handover.fail(error);
  }

  /** Completes all files. Every range must have finished. */
  async complete(): Promise<ManifestFile[]> {
    const files: ManifestFile[] = [];
    for (const file of this.#files) files.push(await file.complete());
    return files;
  }

  /** Ends all uploads after a failure, and removes the encoded files that are stored, if the keys are own; never throws. */
  async abandon(): Promise<void> {
    for (const file of this.#files) await file.abandon();
  }
}

/** `a.csv` becomes `a-02001.csv`: two digits for the range, three for its file. */
function furtherKey(key: string, range: number, file: number): string {
  const suffix = `${String(range).padStart(2, '0')}${String(file).padStart(3, '0')}`;
  return key.replace(/((?:\.\w+)+)$/, `-${suffix}$1`);
}
