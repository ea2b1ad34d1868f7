/** s3-dist-cp (EMRRG/UsingEMR_s3distcp): copies the files below --src to --dest and deletes nothing there. */
import { copySources, type CopySource, type Storage } from './copy-source.ts';
import { copyTo } from './copy-target.ts';
import type { DistCpArguments } from './dist-cp-arguments.ts';
import { showLocation } from './location.ts';

const COPIES_AT_ONCE = 8;

interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Rejects at the first file that cannot be copied ("S3DistCp does not clean up partially copied files") and, like
 * the real one, if there is nothing to copy (snowplow/snowplow#2315).
 */
export async function distCp(
  { src, dest, srcPattern }: DistCpArguments,
  storage: Storage,
  outer: AbortSignal,
  onFile: (line: string) => void,
): Promise<Copied> {
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const sources = wanted(copySources(src, storage), srcPattern);
  let files = 0;
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const next = await sources.next();
      if (next.done === true) return;
      const address = await copyTo(dest, next.value, storage, signal);
      files += 1;
      bytes += next.value.bytes;
      onFile(`${next.value.address} -> ${address}`);
    }
  };
  // The first failure stops the others. Waits for all, so that nothing is written after the end.
  const workers = Array.from({ length: COPIES_AT_ONCE }, () =>
    worker().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  await sources.return(undefined);
  if (failed.signal.aborted) throw failed.signal.reason;
  if (files === 0) {
    const matching = srcPattern === undefined ? '' : ' that matches --srcPattern as a whole';
    throw new Error(
      `s3-dist-cp: there is nothing to copy: no file below ${showLocation(src)}${matching}`,
    );
  }
  return { files, bytes };
}

async function* wanted(
  sources: AsyncGenerator<CopySource>,
  pattern: RegExp | undefined,
): AsyncGenerator<CopySource> {
  for await (const source of sources) {
    if (pattern?.test(source.address) ?? true) yield source;
  }
}
