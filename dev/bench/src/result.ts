/** The runs of a section, saved as a file outside the repository; the documents quote their summary. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
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

export const entryKinds = ['floor', 'ours', 'peer'] as const;

const entry = z.object({
  name: z.string(),
  kind: z.enum(entryKinds),
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

/** What was measured, when and on what. */
export const about = z.object({
  section: z.enum(sections),
  date: z.string(),
  /** The commit and the versions of the measured projects. */
  code: z.object({ commit: z.string(), projects: z.record(z.string(), z.string()) }),
  machine: z.record(z.string(), z.string()),
  /** Whether the machine had other work: then its times and ratios are unreliable. */
  isBusy: z.boolean(),
  versions: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.string()),
  /** What is missing, and other remarks. */
  notes: z.array(z.string()),
});

const result = about.extend({
  /** The code and all settings: a later run with the same has nothing to measure. */
  circumstances: z.string(),
  entries: z.array(entry),
});
export type Result = z.infer<typeof result>;

const fileOf = (folder: string, section: Section) => join(folder, `${section}.json`);

export async function saveResult(folder: string, content: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify(result.parse(content), undefined, 2);
  await writeFile(fileOf(folder, content.section), `${text}\n`);
}

/** Undefined if the section was not measured, or by a version of the benchmark that kept less of it. */
export async function savedResult(folder: string, section: Section): Promise<Result | undefined> {
  const text = await readFile(fileOf(folder, section), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : result.safeParse(JSON.parse(text)).data;
}

export const removeResult = (folder: string, section: Section): Promise<void> =>
  rm(fileOf(folder, section), { force: true });
