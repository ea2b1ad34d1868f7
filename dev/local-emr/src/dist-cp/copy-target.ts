/** Writes the files of s3-dist-cp. A file appears only when it is complete, and overwrites an existing one. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
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

/** Copies one file below `dest`; returns its address. */
export async function copyTo(
  dest: Location,
  source: CopySource,
  storage: Storage,
  signal: AbortSignal,
): Promise<string> {
  const target = below(dest, source.relative);
  const body = await source.open(signal);
  // A failing source must abort its upload too; otherwise the client would wait for the rest.
  const broken = new AbortController();
  body.on('error', (error) => {
    broken.abort(error);
  });
  const both = AbortSignal.any([signal, broken.signal]);
  try {
    if (target.kind === 'hdfs') {
      await writeFile(hdfsFile(storage.hdfsDir, target.path), body, storage, both);
    } else {
      await putObject(target, body, source, storage, both);
    }
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error;
  } finally {
    body.destroy();
  }
  return showLocation(target);
}

async function writeFile(
  file: string,
  body: Readable,
  { hdfsDir }: Storage,
  signal: AbortSignal,
): Promise<void> {
  const unfinished = join(unfinishedDir(hdfsDir), randomUUID());
  await mkdir(dirname(unfinished), { recursive: true });
  try {
    await pipeline(body, createWriteStream(unfinished), { signal });
    await mkdir(dirname(file), { recursive: true });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function putObject(
  { bucket, key }: Location & { kind: 's3' },
  body: Readable,
  source: CopySource,
  { s3 }: Storage,
  signal: AbortSignal,
): Promise<void> {
  if (source.bytes > PUT_LIMIT_BYTES) {
    throw new Error(
      `${source.address} is larger than 5 GiB, the largest file that the local cloud copies`,
    );
  }
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: source.bytes }),
    { abortSignal: signal },
  );
}
