/** The Parquet files of a run, counted and hashed before anything is published. */
import { createHash } from 'node:crypto';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { ManifestFile } from '@user-behaviour/shared/manifest/manifest';
import { parquetMetadataAsync } from 'hyparquet';
import type { Bucket, Listed } from './folder.ts';
import { Tail } from './tail.ts';
import { readWhole } from './read-object.ts';

/** Bytes at the end of a file that its footer has to lie in; Spark's takes some hundred a row group. */
const footerLimit = 1024 * 1024;

const partName = /^part-[^/]*\.parquet$/;
/** Names that Spectrum and Spark take no data from. */
const ignoredName = /^[_.][^/]*$/;

/** Of what is listed, the Parquet files, each with its rows and its hash; anything else that holds data is a data failure. */
export async function parquetFiles(
  where: Bucket,
  prefix: string,
  listed: readonly Listed[],
): Promise<ManifestFile[]> {
  const strays = listed
    .map(({ key }) => key.slice(prefix.length))
    .filter((name) => !partName.test(name) && !ignoredName.test(name));
  if (strays.length > 0) {
    throw new Failure(
      'data',
      `${s3Uri(where.bucket, prefix)} holds files that no step wrote: ${strays.slice(0, 3).join(', ')}; expected part-*.parquet alone`,
    );
  }
  const files: ManifestFile[] = [];
  for (const file of listed) {
    if (!partName.test(file.key.slice(prefix.length))) continue;
    files.push({ key: file.key, bytes: file.bytes, ...(await verified(where, file)) });
  }
  return files;
}

/** The file is read once, whatever its size, and only its end is kept. */
async function verified(
  where: Bucket,
  file: Listed,
): Promise<{ readonly rows: number; readonly sha256: string }> {
  const sha256 = createHash('sha256');
  const tail = new Tail(footerLimit);
  await readWhole(where, file, (chunk) => {
    sha256.update(chunk);
    tail.push(chunk);
  });
  const rows = await countRows(s3Uri(where.bucket, file.key), file.bytes, tail.bytes());
  return { rows, sha256: sha256.digest('hex') };
}

async function countRows(uri: string, byteLength: number, end: Uint8Array): Promise<number> {
  if (byteLength === 0) throw new Failure('data', `${uri} is empty; expected a Parquet file`);
  const before = byteLength - end.length;
  const slice = (from: number, to = byteLength) => {
    if (from >= before) return new Uint8Array(end.subarray(from - before, to - before)).buffer;
    throw new RangeError(`its footer does not lie in the last ${String(footerLimit)} bytes`);
  };
  try {
    const initialFetchSize = end.length;
    const footer = await parquetMetadataAsync({ byteLength, slice }, { initialFetchSize });
    return Number(footer.num_rows);
  } catch (cause) {
    throw new Failure('data', `${uri} is no Parquet file: ${String(cause)}`, { cause });
  }
}
