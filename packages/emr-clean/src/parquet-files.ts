/** The Parquet files of a run, counted and hashed before anything is published. */
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/aws-failure';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { ManifestFile } from '@user-behaviour/shared/manifest';
import { parquetMetadataAsync } from 'hyparquet';
import { type Bucket, list, type Listed } from './folder.ts';

/** Bytes; most footers are smaller, a larger one takes a second request. */
const footerGuess = 64 * 1024;
/** Bytes; a file up to this size is read once, for its rows and its hash. */
const small = 1024 * 1024;

const partName = /^part-[^/]*\.parquet$/;
/** Names that Spectrum and Spark take no data from. */
const ignoredName = /^[_.][^/]*$/;

/** The run's Parquet files, each with its rows and its hash; anything else that holds data is a data failure. */
export async function parquetFiles(where: Bucket, prefix: string): Promise<ManifestFile[]> {
  const listed = await list(where, prefix);
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

/** The listed version and no other: a file that is being replaced fails the run. */
const version = ({ bucket }: Bucket, { key, etag }: Listed) => ({
  Bucket: bucket,
  Key: key,
  IfMatch: etag,
});

async function verified(
  where: Bucket,
  file: Listed,
): Promise<{ readonly rows: number; readonly sha256: string }> {
  const uri = s3Uri(where.bucket, file.key);
  if (file.bytes > small) {
    const footer = (start: number, end = file.bytes) => slice(where, file, start, end);
    const [rows, sha256] = await Promise.all([
      countRows(uri, file.bytes, footer),
      hash(where, file),
    ]);
    return { rows, sha256 };
  }
  const whole = file.bytes === 0 ? new ArrayBuffer() : await slice(where, file, 0, file.bytes);
  const rows = await countRows(uri, whole.byteLength, (start, end) =>
    Promise.resolve(whole.slice(start, end)),
  );
  return { rows, sha256: createHash('sha256').update(new Uint8Array(whole)).digest('hex') };
}

async function slice(
  where: Bucket,
  file: Listed,
  start: number,
  end: number,
): Promise<ArrayBuffer> {
  return attempt(`read ${s3Uri(where.bucket, file.key)}`, async () => {
    const { Body } = await where.s3.send(
      new GetObjectCommand({
        ...version(where, file),
        Range: `bytes=${String(start)}-${String(end - 1)}`,
      }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    return new Uint8Array(bytes).buffer;
  });
}

async function countRows(
  uri: string,
  byteLength: number,
  read: (start: number, end?: number) => Promise<ArrayBuffer>,
): Promise<number> {
  if (byteLength === 0) throw new Failure('data', `${uri} is empty; expected a Parquet file`);
  try {
    const footer = await parquetMetadataAsync(
      { byteLength, slice: read },
      { initialFetchSize: footerGuess },
    );
    return Number(footer.num_rows);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('data', `${uri} is no Parquet file: ${String(cause)}`, { cause });
  }
}

async function hash(where: Bucket, file: Listed): Promise<string> {
  return attempt(`read ${s3Uri(where.bucket, file.key)}`, async () => {
    const { Body } = await where.s3.send(new GetObjectCommand(version(where, file)));
    const sha256 = createHash('sha256');
    let bytes = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      sha256.update(chunk);
      bytes += chunk.length;
    }
    if (bytes !== file.bytes) {
      throw new Failure(
        'transient',
        `${s3Uri(where.bucket, file.key)} came with ${String(bytes)} bytes; expected ${String(file.bytes)}`,
      );
    }
    return sha256.digest('hex');
  });
}
