/** Removes the data of the local cloud and of what was loaded into it. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { down } from './down.ts';
import { writeEnvironmentFile } from '../environment-file.ts';
import type { CloudPlace } from './serve.ts';
import { shortPath } from './short-path.ts';
import { UsageError } from './usage-error.ts';

/** Beside the state folder, made by `seed`: the sample, and compressed reviews, unpacked. */
const seeded = ['sample', 'reviews'];
/** Set by `seed`. */
const seededNames = ['REVIEWS_SOURCE', 'HISTORY_START', 'HISTORY_END'];

/**
 * Stops the cloud, removes its data, and removes its variables from the environment file. Other lines of the file
 * stay. A second run finds nothing to remove.
 * @throws UsageError if nobody has agreed: on a terminal it asks.
 */
export async function reset(
  { stateDir, envFile }: CloudPlace,
  say: (line: string) => void,
  isAgreed: boolean,
): Promise<void> {
  if (!isAgreed && !(await agrees(`This removes all data in ${shortPath(stateDir)}. Go on?`))) {
    throw new UsageError(
      process.stdin.isTTY ? 'nothing was removed' : 'reset removes all data: confirm it with YES=1',
    );
  }
  await down(stateDir, say);
  const folders = [stateDir, ...seeded.map((folder) => join(dirname(stateDir), folder))];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  writeEnvironmentFile(envFile, {}, seededNames);
  say(`removed ${folders.map(shortPath).join(', ')}, and its variables from ${shortPath(envFile)}`);
}

/** False where there is no terminal. */
async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
}
