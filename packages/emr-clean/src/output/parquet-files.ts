/** Counts the rows of a run's Parquet files and hashes them, before anything is published. */
import { createHash } from 'node:crypto';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import type { Bucket, StoredObject } from '@user-behaviour/shared/s3/list-objects';
import { parquetMetadataAsync } from 'hyparquet';
import { readObject } from './read-object.ts';
import { Tail } from './tail.ts';

/** Bytes of a file's end that must hold its footer. Spark's takes a few hundred bytes per row group. */
const footerLimit = 1024 * 1024;

const partName = /^part-[^/]*\.parquet$/;
/** Names that Spectrum and Spark read no data from. */
const ignoredName = /^[_.][^/]*$/;

/** The Parquet files among `objects`. Any other file that a reader would take for data is a data failure. */
export async function parquetFiles(
  where: Bucket,
  prefix: string,
  objects: readonly StoredObject[],
): Promise<ManifestFile[]> {
  const strays = objects
    .map(({ key }) => key.slice(prefix.length))
    .filter((name) => !partName.test(name) && !ignoredName.test(name));
  if (strays.length > 0) {
    throw new Failure(
      'data',
      `${s3Uri(where.bucket, prefix)} holds files that no step wrote: ${strays.slice(0, 3).join(', ')}; expected only part-*.parquet`,
    );
  }
  const files: ManifestFile[] = [];
  for (const object of objects) {
    if (!partName.test(object.key.slice(prefix.length))) continue;
    files.push(await manifestFile(where, object));
  }
  return files;
}

/** Reads the file once, whatever its size, and keeps only its end in memory. */
async function manifestFile(where: Bucket, object: StoredObject): Promise<ManifestFile> {
  const { key, bytes } = object;
  const sha256 = createHash('sha256');
  const tail = new Tail(footerLimit);
  await readObject(where, object, (chunk) => {
    sha256.update(chunk);
    tail.push(chunk);
  });
  const rows = await countRows(s3Uri(where.bucket, key), bytes, tail.bytes());
  return { key, bytes, rows, sha256: sha256.digest('hex') };
}

async function countRows(uri: string, byteLength: number, tail: Uint8Array): Promise<number> {
  if (byteLength === 0) throw new Failure('data', `${uri} is empty; expected a Parquet file`);
  const tailStart = byteLength - tail.length;
  const slice = (from: number, to = byteLength) => {
    if (from < tailStart) {
      throw new RangeError(`its footer is larger than ${String(footerLimit)} bytes`);
    }
    return new Uint8Array(tail.subarray(from - tailStart, to - tailStart)).buffer;
  };
  try {
    const initialFetchSize = tail.length;
    const footer = await parquetMetadataAsync({ byteLength, slice }, { initialFetchSize });
    return Number(footer.num_rows);
  } catch (cause) {
    throw new Failure('data', `${uri} is not a Parquet file: ${String(cause)}`, { cause });
  }
}
