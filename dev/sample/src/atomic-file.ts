/** Files that readers see whole or not at all. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Writes the pieces beside the target and renames it onto it; a failure leaves the earlier
 * file as it was.
 */
export async function writeFileAtomically(
  target: string,
  pieces: Iterable<string> | AsyncIterable<Uint8Array>,
  options: { readonly mode?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}.part`;
  try {
    const sink = createWriteStream(draft, { mode: options.mode ?? 0o644, flush: true });
    await pipeline(pieces, sink, options.signal === undefined ? {} : { signal: options.signal });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
