/** The result of a section, saved as a file so that the documents can combine several runs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Section, sections } from './settings.ts';

const run = z.object({
  wall: z.number(),
  cpu: z.number().optional(),
  memory: z.number().optional(),
  /** Seconds of CPU time of the server that worked for it. */
  serverCpu: z.number().optional(),
  /** What a shop sees while a job runs beside it: its transactions a second, and 99 % of them end within `p99` ms. */
  shop: z.object({ tps: z.number(), transactions: z.number(), p99: z.number() }).optional(),
  /** Bytes of the server's log: written for each transaction of the shop, and the most that a slot has kept. */
  log: z.object({ written: z.number(), kept: z.number().optional() }).optional(),
  /** Seconds of the wall time by what was waited for, and how many calls were made. */
  waits: z.record(z.string(), z.number()).optional(),
  calls: z.number().optional(),
  /** How often the job ran beside the shop. */
  jobRuns: z.number().optional(),
  /** Of a process that runs all the time beside the shop: what it has sent, and its own CPU time and memory. */
  follower: z.object({ events: z.number(), cpu: z.number(), memory: z.number() }).optional(),
});
export type Run = z.infer<typeof run>;

const entry = z.object({
  name: z.string(),
  kind: z.enum(['floor', 'ours', 'peer']),
  /** Rows or days, in sections with several sizes. */
  size: z.number().optional(),
  runs: z.array(run).min(1),
  rows: z.number().optional(),
  bytes: z.number().optional(),
  /** Whether the rows are PostgreSQL's own CSV, byte for byte, in any order. */
  sameAsPostgres: z.boolean().optional(),
  note: z.string().optional(),
});
export type Entry = z.infer<typeof entry>;

const result = z.object({
  section: z.enum(sections),
  date: z.string(),
  machine: z.record(z.string(), z.string()),
  versions: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.string()),
  /** What is missing, and other remarks. */
  notes: z.array(z.string()),
  entries: z.array(entry),
});
export type Result = z.infer<typeof result>;

export async function saveResult(folder: string, content: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, `${content.section}.json`),
    `${JSON.stringify(result.parse(content), undefined, 2)}\n`,
  );
}

/** The saved result of each section that was measured. */
export async function savedResults(folder: string): Promise<ReadonlyMap<Section, Result>> {
  const found = new Map<Section, Result>();
  for (const section of sections) {
    const text = await readFile(join(folder, `${section}.json`), 'utf8').catch(() => undefined);
    if (text !== undefined) found.set(section, result.parse(JSON.parse(text)));
  }
  return found;
}
