/** The emulated part of `hdfs dfs`: removing folders. */
import { rm, stat } from 'node:fs/promises';
import { hdfsFile, parseLocation } from '../dist-cp/location.ts';

const supported = ['dfs', '-rm', '-r', '-f', '-skipTrash'];

/** Removes the files and folders. @throws if one is not in HDFS, or missing without `-f`. */
export async function hdfsRemove(args: readonly string[], hdfsDir: string): Promise<void> {
  const options = args.filter((argument) => !argument.includes('/'));
  const paths = args.slice(options.length);
  const [command, action] = options;
  const isKnown = command === 'dfs' && action === '-rm' && options.includes('-r');
  if (!isKnown || paths.length === 0 || options.some((option) => !supported.includes(option))) {
    throw new Error(`hdfs: the local cloud supports ${supported.join(' ')} PATH…`);
  }
  for (const path of paths) {
    const location = parseLocation(path);
    if (location.kind !== 'hdfs' || location.path === '/') {
      throw new Error(`hdfs: '${path}' is not a file or folder in HDFS`);
    }
    const file = hdfsFile(hdfsDir, location.path);
    if (!options.includes('-f')) await stat(file);
    await rm(file, { recursive: true, force: true });
  }
}
