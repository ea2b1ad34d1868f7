/** A day's files: one, filled by all ranges at once, and further ones where it would become too large; compressed, one a range. */
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { CompressedFile } from './compressed-file.ts';
import { type DayFile, OutputFile } from './output-file.ts';
import type { OutputFormat } from './output-format.ts';
import type { PartSizes } from './part-buffers.ts';
import { RangeOrder } from './range-handover.ts';
import { type Lane, type PartNumbers, RangeUpload } from './range-upload.ts';

/** S3 numbers the parts of an object from 1 to this. */
export const mostParts = 10_000;

/** How many parts one of so many ranges may send into a file of so many bytes. */
export function partsOfRange(fileBytes: number, ranges: number, { part }: PartSizes): number {
  return Math.max(1, Math.min(Math.floor(fileBytes / part), mostParts) / ranges) | 0;
}

export interface DayUploadOptions {
  /** The key is that of the first file. */
  readonly target: UploadTarget;
  readonly header: Buffer;
  readonly ranges: number;
  readonly sizes: PartSizes;
  /** Bytes before compression; what goes beyond is written to further files. */
  readonly fileBytes: number;
  readonly format: OutputFormat;
}

export class DayUpload {
  readonly #options: DayUploadOptions;
  readonly #order: RangeOrder;
  readonly #first: DayFile;
  readonly #further: DayFile[][] = [];

  constructor(options: DayUploadOptions) {
    this.#options = options;
    this.#order = new RangeOrder(options.ranges);
    this.#first = this.#file(options.target);
  }

  /** Where the rows of a range go, numbered from 0; the ranges must be begun in order. */
  range(range: number, lane: Lane): Promise<RangeUpload> {
    const { header, sizes, fileBytes, ranges, format } = this.#options;
    if (format !== 'csv') return this.#rangeAlone(range, lane);
    const count = partsOfRange(fileBytes, ranges, sizes);
    return RangeUpload.begin(lane, {
      range,
      header,
      order: this.#order,
      numbers: { file: this.#first, first: range * count + 1, count },
      overflow: () => this.#overflow(range),
    });
  }

  /** A range whose parts cannot be counted beforehand: it has files of its own, each with the header. */
  #rangeAlone(range: number, lane: Lane): Promise<RangeUpload> {
    const { header, sizes, fileBytes } = this.#options;
    const count = partsOfRange(fileBytes, 1, sizes);
    return RangeUpload.begin(lane, {
      range: 0,
      header,
      order: new RangeOrder(1),
      numbers: range === 0 ? { file: this.#first, first: 1, count } : this.#overflow(range),
      overflow: () => this.#overflow(range),
    });
  }

  #file(target: UploadTarget): DayFile {
    const { format } = this.#options;
    return format === 'csv' ? new OutputFile(target) : new CompressedFile(target, format);
  }

  #overflow(range: number): PartNumbers {
    const { target, sizes, fileBytes } = this.#options;
    const files = (this.#further[range] ??= []);
    const file = this.#file({ ...target, key: furtherKey(target.key, range, files.length) });
    files.push(file);
    return { file, first: 1, count: partsOfRange(fileBytes, 1, sizes) };
  }

  get #files(): DayFile[] {
    return [this.#first, ...this.#further.flat()];
  }

  /** Ends the waiting of the ranges for each other. */
  fail(error: unknown): void {
    this.#order.fail(error);
  }

  async complete(): Promise<ManifestFile[]> {
    const files: ManifestFile[] = [];
    for (const file of this.#files) files.push(await file.complete());
    return files;
  }

  async abandon(): Promise<void> {
    for (const file of this.#files) await file.abandon();
  }
}

/** `a.csv` becomes `a-00200.csv`: two digits for the range, three for the file. */
function furtherKey(key: string, range: number, number: number): string {
  const suffix = `${String(range).padStart(2, '0')}${String(number).padStart(3, '0')}`;
  return key.replace(/((?:\.\w+)+)$/, `-${suffix}$1`);
}
