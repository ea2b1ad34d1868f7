/** The files below s3-dist-cp's --src, as a stream, so that their number does not cost memory. */
import { open, opendir, rm, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { hdfsFile, showLocation, type Location } from './location.ts';

export interface CopySource {
  /** The full address, against which --srcPattern is matched. */
  readonly address: string;
  /** The path below --src, or the file name if --src is a file. */
  readonly relative: string;
  /** Before a change of compression. */
  readonly bytes: number;
  /** Whether `open` gives another number of bytes. */
  readonly isResized: boolean;
  readonly open: (signal: AbortSignal) => Promise<Readable>;
  readonly remove: () => Promise<unknown>;
}

export interface Storage {
  readonly s3: S3Client;
  readonly hdfsDir: string;
}

/** Yields nothing if --src does not exist. */
export function copySources(src: Location, storage: Storage): AsyncGenerator<CopySource> {
  return src.kind === 's3' ? objects(src, storage.s3) : files(src.path, storage.hdfsDir);
}

async function* objects(src: Location & { kind: 's3' }, s3: S3Client): AsyncGenerator<CopySource> {
  const single = await singleObject(src, s3);
  if (single !== undefined) {
    yield single;
    return;
  }
  const prefix = src.key === '' || src.key.endsWith('/') ? src.key : `${src.key}/`;
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: src.bucket, Prefix: prefix });
  for await (const { Contents } of pages) {
    for (const { Key: key = '', Size: bytes = 0 } of Contents ?? []) {
      // Consoles and Hadoop create these as markers of empty folders.
      if (key.endsWith('/') || key.endsWith('_$folder$')) continue;
      yield object(s3, src.bucket, key, key.slice(prefix.length), bytes);
    }
  }
}

async function singleObject(
  { bucket, key }: Location & { kind: 's3' },
  s3: S3Client,
): Promise<CopySource | undefined> {
  if (key === '' || key.endsWith('/')) return undefined;
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return object(s3, bucket, key, posix.basename(key), head.ContentLength ?? 0);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function object(
  s3: S3Client,
  bucket: string,
  key: string,
  relative: string,
  bytes: number,
): CopySource {
  return {
    address: showLocation({ kind: 's3', bucket, key }),
    relative,
    bytes,
    isResized: false,
    remove: () => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    open: async (signal) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal: signal,
      });
      if (Body === undefined) throw new Error(`s3://${bucket}/${key} has no body`);
      return Body as Readable;
    },
  };
}

async function* files(path: string, hdfsDir: string): AsyncGenerator<CopySource> {
  const root = hdfsFile(hdfsDir, path);
  const found = await stat(root).catch(() => undefined);
  if (found === undefined) return;
  if (found.isFile()) yield file(root, path, basename(path), found.size);
  else yield* filesBelow(root, path, '');
}

async function* filesBelow(
  directory: string,
  path: string,
  relative: string,
): AsyncGenerator<CopySource> {
  for await (const entry of await opendir(directory)) {
    const next = { path: posix.join(path, entry.name), relative: posix.join(relative, entry.name) };
    const local = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(local, next.path, next.relative);
    else if (entry.isFile()) yield file(local, next.path, next.relative, (await stat(local)).size);
  }
}

function file(local: string, path: string, relative: string, bytes: number): CopySource {
  return {
    address: showLocation({ kind: 'hdfs', path }),
    relative,
    bytes,
    isResized: false,
    remove: () => rm(local, { force: true }),
    open: async () => (await open(local)).createReadStream(),
  };
}
