/** Writes the files of s3-dist-cp. A file appears only when it is complete, and overwrites an existing one. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { CopySource, Storage } from './copy-source.ts';
import { below, hdfsFile, showLocation, type Location } from './location.ts';

/** The largest object one PUT can make (S3 user guide, upload-objects). */
const PUT_LIMIT_BYTES = 5 * 1024 ** 3;

/** Beside the HDFS directory, not in it, so that no listing shows unfinished files. */
export const unfinishedDir = (hdfsDir: string): string => `${hdfsDir}.unfinished`;

interface Copied {
  readonly address: string;
  readonly bytes: number;
}

/** Copies one file below `dest`. */
export async function copyTo(
  dest: Location,
  source: CopySource,
  storage: Storage,
  signal: AbortSignal,
): Promise<Copied> {
  const target = below(dest, source.relative);
  const body = await source.open(signal);
  // A failing source must abort its upload too; otherwise the client would wait for the rest.
  const broken = new AbortController();
  body.on('error', (error) => {
    broken.abort(error);
  });
  const both = AbortSignal.any([signal, broken.signal]);
  try {
    const bytes =
      target.kind === 'hdfs'
        ? await writeFile(hdfsFile(storage.hdfsDir, target.path), body, storage, both)
        : await putObject(target, body, source, storage, both);
    return { address: showLocation(target), bytes };
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error;
  } finally {
    body.destroy();
  }
}

/** Writes beside HDFS first. Returns the size. */
async function writeFile(
  file: string,
  body: Readable,
  { hdfsDir }: Storage,
  signal: AbortSignal,
): Promise<number> {
  const unfinished = join(unfinishedDir(hdfsDir), randomUUID());
  await mkdir(dirname(unfinished), { recursive: true });
  try {
    await pipeline(body, createWriteStream(unfinished), { signal });
    const { size } = await stat(unfinished);
    await mkdir(dirname(file), { recursive: true });
    await rename(unfinished, file);
    return size;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function putObject(
  target: Location & { kind: 's3' },
  body: Readable,
  source: CopySource,
  storage: Storage,
  signal: AbortSignal,
): Promise<number> {
  if (!source.isResized) return put(target, body, source.bytes, storage, signal);
  // A PUT names the size first.
  const file = join(unfinishedDir(storage.hdfsDir), randomUUID());
  await writeFile(file, body, storage, signal);
  try {
    const { size } = await stat(file);
    return await put(target, createReadStream(file), size, storage, signal);
  } finally {
    await rm(file, { force: true });
  }
}

async function put(
  target: Location & { kind: 's3' },
  body: Readable,
  bytes: number,
  { s3 }: Storage,
  signal: AbortSignal,
): Promise<number> {
  if (bytes > PUT_LIMIT_BYTES) {
    throw new Error(
      `${showLocation(target)} would be larger than 5 GiB, the largest file that the local cloud copies`,
    );
  }
  const { bucket: Bucket, key: Key } = target;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentLength: bytes }), {
    abortSignal: signal,
  });
  return bytes;
}
