/** Files that readers see whole or not at all. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Writes a draft beside the target and renames it; after a failure the earlier file is unchanged. */
export async function writeFileAtomically(
  target: string,
  chunks: Iterable<string> | AsyncIterable<Uint8Array>,
  options: { readonly mode?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.${randomUUID()}`;
  try {
    const sink = createWriteStream(draft, { mode: options.mode ?? 0o644, flush: true });
    await pipeline(chunks, sink, options.signal === undefined ? {} : { signal: options.signal });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
