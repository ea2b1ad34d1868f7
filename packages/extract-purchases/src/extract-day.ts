/** Copies one day from the source to S3. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { pageRanges, rangeQuery } from './source/page-ranges.ts';
import type { Source } from './source/pool.ts';
import { DayUpload } from './upload/day-upload.ts';
import type { OutputFormat } from './upload/output-format.ts';
import { partSizes } from './upload/part-buffers.ts';

/**
 * Copies the query's rows to the target's key, and to further keys beyond `fileBytes` bytes per file.
 *
 * A large day that needs a scan of the whole table is read in ranges of its pages, on several
 * connections at once. The ranges follow each other in a plain file, so its bytes are those of one scan;
 * a compressed range has its own file. Resolves when S3 has verified its checksums. After a failure, no
 * object and no upload is left behind.
 */
export async function copyDay(
  source: Source,
  query: string,
  target: UploadTarget,
  {
    overDay,
    fileBytes,
    format,
  }: {
    /** The day, if it is over: a replica must then have replayed all of it. */
    readonly overDay: Ds | undefined;
    readonly fileBytes: number;
    readonly format: OutputFormat;
  },
): Promise<ManifestFile[]> {
  let upload: DayUpload | undefined;
  try {
    {
      // Return the connections to the pool before the upload is completed.
      using snapshot = await source.openSnapshot(query, overDay);
      const ranges = pageRanges(snapshot.estimate, source.connections);
      upload = new DayUpload({
        target,
        header: snapshot.header,
        ranges: ranges.length,
        sizes: partSizes,
        fileBytes,
        format,
      });
      const queries = ranges.map((range) => rangeQuery(query, range));
      await snapshot.copy(queries, upload, source.connections);
    }
    target.signal.throwIfAborted();
    return await upload.complete();
  } catch (error) {
    await upload?.abandon();
    throw error;
  }
}
