/** Copies one day from the source to S3. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { SourceState } from '@user-behaviour/shared/manifest/source-state';
import type { Notes } from '@user-behaviour/shared/runner/day-record';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { discard } from '@user-behaviour/shared/s3/stream-upload';
import { isRowFailure } from '@user-behaviour/source/errors';
import { pageRanges, rangeQuery } from './source/page-ranges.ts';
import type { Source } from './source/pool.ts';
import {
  type DaySelection,
  type Otherwise,
  purchasesQuery,
  withoutRejects,
} from './source/query.ts';
import { rejectColumns, type Snapshot } from './source/snapshot.ts';
import { isWithin, type JudgedDay, refusal, requireConserved } from './table/rejected-purchases.ts';
import { DayUpload } from './upload/day-upload.ts';
import { contentTypes, type OutputFormat } from './upload/output-format.ts';
import { partSizes } from './upload/part-buffers.ts';

export interface CopyOptions {
  readonly day: DaySelection;
  /** The day, if it is over: a replica must then have replayed all of it. */
  readonly overDay: Ds | undefined;
  readonly fileBytes: number;
  readonly format: OutputFormat;
  /** The share of purchases that may be rejected, and the key of their file; undefined if none may. */
  readonly quarantine: { readonly share: number; readonly key: string } | undefined;
  /** False if another attempt may have stored the same keys, and published them: then a failure removes nothing stored. */
  readonly ownsKeys: boolean;
  readonly record: Pick<Notes, 'phase'>;
}

export interface CopiedDay {
  readonly files: ManifestFile[];
  readonly rejected: JudgedDay['rejected'];
  /** The files of the rejected rows. */
  readonly rejects: readonly ManifestFile[];
  /** Purchases below the quantity. */
  readonly belowQuantity: number | undefined;
  readonly source: SourceState;
}

/**
 * Copies the day's purchases to the target's key, and to further keys beyond `fileBytes` bytes per file.
 *
 * A large day that needs a scan of the whole table is read in ranges of its pages, on several
 * connections at once. The ranges follow each other in a plain file, so its bytes are those of one scan;
 * a compressed range has its own file. Resolves when S3 has verified its checksums. A failure leaves no
 * upload behind, and no object either, except where `sweep` has to remove it: under keys that are not own,
 * and if some of several plain files could not be completed.
 * @throws a data failure that says why and where, if the load could not take some rows and they may not be
 * rejected.
 */
export async function copyDay(
  source: Source,
  target: UploadTarget,
  options: CopyOptions,
): Promise<CopiedDay> {
  const copy = new DayCopy(source, target, options);
  try {
    // Return the connections to the pool before the upload is completed.
    await copy.read();
    target.signal.throwIfAborted();
    return await options.record.phase('upload', () => copy.complete(), { key: target.key });
  } catch (error) {
    await copy.abandon();
    throw error;
  }
}

class DayCopy {
  readonly #source: Source;
  readonly #target: UploadTarget;
  readonly #options: CopyOptions;
  #upload: DayUpload | undefined;
  #rejects: DayUpload | undefined;
  /** Set if the load cannot take some rows. */
  #judged: JudgedDay | undefined;
  #state: SourceState = {};

  constructor(source: Source, target: UploadTarget, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  async read(): Promise<void> {
    const { day, overDay, record } = this.#options;
    using snapshot = await record.phase('source', () => this.#source.openSnapshot(day, overDay));
    try {
      await this.#copy(snapshot, 'fails');
    } catch (error) {
      if (!isRowFailure(error)) throw error;
      const judged = await snapshot.judge();
      if (Object.keys(judged.rejected).length === 0) throw error;
      await this.#requireAllowed(snapshot, judged);
      this.#judged = judged;
      await this.#upload?.abandon();
      await this.#copyRejects(snapshot);
      await this.#copy(snapshot, 'is null');
    }
  }

  async #copy(snapshot: Snapshot, otherwise: Otherwise): Promise<void> {
    const { day, fileBytes, format, ownsKeys, record } = this.#options;
    const { table, estimate } = snapshot;
    const ranges = pageRanges(estimate, this.#source.connections);
    this.#upload = new DayUpload({
      target: this.#target,
      header: table.header,
      ranges: ranges.length,
      sizes: partSizes,
      fileBytes,
      format,
      ownsKeys,
    });
    const query = purchasesQuery(day, table.values, otherwise);
    const queries = ranges
      .map((range) => rangeQuery(query, range))
      .map((one) => (otherwise === 'fails' ? one : withoutRejects(one)));
    const upload = this.#upload;
    this.#state = await record.phase('copy', () =>
      snapshot.copy(queries, upload, this.#source.connections),
    );
  }

  async #requireAllowed(snapshot: Snapshot, judged: JudgedDay): Promise<void> {
    const { day, quarantine } = this.#options;
    if (quarantine !== undefined && isWithin(quarantine.share, judged)) return;
    throw refusal(day.ds, judged, await snapshot.findPlaces(judged), quarantine?.share);
  }

  async #copyRejects(snapshot: Snapshot): Promise<void> {
    const { fileBytes, ownsKeys, quarantine } = this.#options;
    this.#rejects = new DayUpload({
      target: { ...this.#target, key: quarantine?.key ?? '', contentType: contentTypes.csv },
      header: Buffer.from(`${rejectColumns.join(',')}\n`),
      ranges: 1,
      sizes: partSizes,
      fileBytes,
      format: 'csv',
      ownsKeys,
    });
    await snapshot.copyRejects(this.#rejects);
  }

  async complete(): Promise<CopiedDay> {
    const rejects = (await this.#rejects?.complete()) ?? [];
    let files: ManifestFile[] = [];
    try {
      files = (await this.#upload?.complete()) ?? [];
      if (this.#judged !== undefined) {
        const written = { published: countRows(files), rejected: countRows(rejects) };
        requireConserved(this.#options.day.ds, this.#judged, written);
      }
      const { digest } = this.#state;
      return {
        files,
        rejects,
        rejected: this.#judged?.rejected ?? {},
        // One snapshot has counted all of them.
        belowQuantity: digest && digest.rows - countRows(files) - countRows(rejects),
        source: this.#state,
      };
    } catch (error) {
      const keys = [...rejects, ...files].map(({ key }) => key);
      if (this.#options.ownsKeys) await discard(this.#target, keys).catch(() => undefined);
      throw error;
    }
  }

  /** Never throws. */
  async abandon(): Promise<void> {
    await this.#upload?.abandon();
    await this.#rejects?.abandon();
  }
}

const countRows = (files: readonly ManifestFile[]): number =>
  files.reduce((sum, { rows }) => sum + rows, 0);
