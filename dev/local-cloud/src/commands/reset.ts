/** Removes the data of the local cloud and of what was loaded into it. */
import { existsSync, renameSync, rmSync } from 'node:fs';
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
 * stay. A second run finds nothing to remove, or what a killed one has left.
 * @throws UsageError if nobody has agreed: on a terminal it asks.
 */
export async function reset(
  { stateDir, envFile }: CloudPlace,
  say: (line: string) => void,
  { isAgreed, isDry }: { readonly isAgreed: boolean; readonly isDry: boolean },
): Promise<void> {
  const folders = [stateDir, ...seeded.map((folder) => join(dirname(stateDir), folder))];
  const names = folders.map(shortPath).join(', ');
  if (isDry) {
    say(`would remove ${names}, and its variables from ${shortPath(envFile)}`);
    return;
  }
  if (!isAgreed && !(await agrees(`This removes all data in ${shortPath(stateDir)}. Go on?`))) {
    throw new UsageError(
      process.stdin.isTTY ? 'nothing was removed' : 'reset removes all data: confirm it with YES=1',
    );
  }
  await down(stateDir, say);
  // In one step: a reset that is killed must not leave half of the data for the next start.
  const removed = `${stateDir}.removed`;
  rmSync(removed, { recursive: true, force: true });
  if (existsSync(stateDir)) renameSync(stateDir, removed);
  writeEnvironmentFile(envFile, {}, seededNames);
  for (const folder of [removed, ...folders]) rmSync(folder, { recursive: true, force: true });
  say(`removed ${names}, and its variables from ${shortPath(envFile)}`);
}

/** False where there is no terminal. */
async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
}
