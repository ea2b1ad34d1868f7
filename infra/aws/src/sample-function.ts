/** The code of the function that loads the sample: its handler, with the sample's files beside it. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSample } from '@user-behaviour/sample/data/write-sample';

/** A second run writes the same bytes. */
export async function writeSampleFunction(folder: string): Promise<void> {
  await writeSample(folder);
  await cp(join(import.meta.dirname, 'handlers/sample'), folder, { recursive: true });
}
