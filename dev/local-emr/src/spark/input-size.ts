/** The size of a program's input: all files below the HDFS addresses among its arguments. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hdfsFile, parseLocation } from '../dist-cp/location.ts';

/** In bytes; addresses that do not exist count as 0. Understands `--input x` and `--input=x`. */
export async function inputBytes(args: readonly string[], hdfsDir: string): Promise<number> {
  const sizes = args
    .map((argument) => /^(?:--[\w-]+=)?(hdfs:\/\/.*)$/.exec(argument)?.[1])
    .filter((address) => address !== undefined)
    .map((address) => bytesAt(address, hdfsDir));
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

async function bytesAt(address: string, hdfsDir: string): Promise<number> {
  const location = parseLocation(address);
  if (location.kind !== 'hdfs') return 0;
  const root = hdfsFile(hdfsDir, location.path);
  const found = await stat(root).catch(() => undefined);
  if (found === undefined) return 0;
  if (found.isFile()) return found.size;
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
