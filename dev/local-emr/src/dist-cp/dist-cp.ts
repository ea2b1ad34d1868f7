/** s3-dist-cp (EMRRG/UsingEMR_s3distcp): copies the files below --src to --dest and deletes nothing there. */
import { copySources, type CopySource, type Storage } from './copy-source.ts';
import { copyTo } from './copy-target.ts';
import type { DistCpArguments } from './dist-cp-arguments.ts';
import { grouped } from './file-groups.ts';
import { showLocation } from './location.ts';
import { recompressed, renamed } from './output-codec.ts';

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
  args: DistCpArguments,
  storage: Storage,
  outer: AbortSignal,
  onFile: (line: string) => void,
): Promise<Copied> {
  const { src, dest, srcPattern, deleteOnSuccess } = args;
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const sources = outputs(wanted(copySources(src, storage), srcPattern), args);
  const copied: CopySource[] = [];
  let files = 0;
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const next = await sources.next();
      if (next.done === true) return;
      const { address, bytes: written } = await copyTo(dest, next.value, storage, signal);
      files += 1;
      bytes += written;
      // Not what was copied onto itself.
      if (deleteOnSuccess && !next.value.address.split(' + ').includes(address)) {
        copied.push(next.value);
      }
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
    const patterns = [srcPattern && '--srcPattern', args.groupBy && '--groupBy'].filter(Boolean);
    const matching =
      patterns.length === 0 ? '' : ` that matches ${patterns.join(' and ')} as a whole`;
    throw new Error(
      `s3-dist-cp: there is nothing to copy: no file below ${showLocation(src)}${matching}`,
    );
  }
  for (const source of copied) await source.remove();
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

/** The files to write. A group of compressed files is a compressed file (RFC 1952, section 2.2). */
function outputs(
  sources: AsyncGenerator<CopySource>,
  { groupBy, targetBytes, outputCodec }: DistCpArguments,
): AsyncGenerator<CopySource> {
  const coded = outputCodec === undefined ? sources : mapped(sources, recompressed(outputCodec));
  if (groupBy === undefined) return coded;
  const groups = grouped(coded, groupBy, targetBytes);
  return outputCodec === undefined ? groups : mapped(groups, renamed(outputCodec));
}

async function* mapped<Item>(items: AsyncIterable<Item>, to: (item: Item) => Item) {
  for await (const item of items) yield to(item);
}
