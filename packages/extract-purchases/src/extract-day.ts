/** One day from the source to S3. */
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { DayUpload } from './upload/day-upload.ts';
import { pageRanges, rangeQuery } from './source/page-ranges.ts';
import { partSizes } from './upload/part-buffers.ts';
import type { OutputFormat } from './upload/output-format.ts';
import type { Source } from './source/pool.ts';

/**
 * Copies what the query gives to the target's key, and to further ones where it is more than
 * `fileBytes`. A large day that needs the whole table is read in ranges of its pages, on several
 * connections at once; the ranges follow each other in the file, so that its bytes are those of one
 * scan. Compressed, each range has a file of its own. S3 has checked what it holds when this resolves; when it throws nothing is left there.
 */
export async function copyDay(
  source: Source,
  query: string,
  target: UploadTarget,
  { fileBytes, format }: { readonly fileBytes: number; readonly format: OutputFormat },
): Promise<ManifestFile[]> {
  let upload: DayUpload | undefined;
  try {
    {
      using snapshot = await source.snapshot(query);
      const ranges = pageRanges(snapshot.facts, source.connections);
      const { header } = snapshot;
      upload = new DayUpload({
        target,
        header,
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
