/** The end of a job's log, as far as it is about one day. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Ds } from '@user-behaviour/shared/ds';

const longest = 200;
const widest = 2_000;

/** The last lines that name the day or no day at all; none if there is no log. */
export async function logTail(file: string, job: string, ds: Ds): Promise<string[]> {
  const ofDay = new RegExp(`^\\[[^\\]]*\\] \\w+: ${job} (\\d{4}-\\d\\d-\\d\\d) `);
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const day = ofDay.exec(line)?.[1] ?? ds;
      if (day !== ds) continue;
      lines.push(line.slice(0, widest));
      if (lines.length > longest) lines.shift();
    }
  } catch {
    // Nothing was logged yet.
  }
  return lines;
}
