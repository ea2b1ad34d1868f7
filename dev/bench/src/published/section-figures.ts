/** The figures of a section that the documents quote, kept in the repository: docs/benchmarks/SECTION.json. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { about, entryKinds } from '../result.ts';
import { type Section, sections } from '../settings.ts';

const spread = z.object({ median: z.number(), low: z.number(), high: z.number() });
export type Spread = z.infer<typeof spread>;

/** Medians of the runs of one candidate. Times are seconds, sizes are bytes. */
const figures = z.object({
  name: z.string(),
  kind: z.enum(entryKinds),
  size: z.number().optional(),
  /** How many runs there were. */
  runs: z.int().positive(),
  time: spread.optional(),
  /** To the baseline of the section: of the times, of the CPU times, or of the shop's transactions a second. */
  ratio: z.number().optional(),
  cpu: z.number().optional(),
  serverCpu: z.number().optional(),
  memory: z.number().optional(),
  rows: z.number().optional(),
  sameAsPostgres: z.boolean().optional(),
  note: z.string().optional(),
  waits: z.record(z.string(), z.number()).optional(),
  calls: z.number().optional(),
  jobRuns: z.number().optional(),
  tps: spread.optional(),
  p99: z.number().optional(),
  logWritten: z.number().optional(),
  logKept: z.number().optional(),
});
export type Figures = z.infer<typeof figures>;

const sectionFigures = about.extend({
  /** Where the figures are from, if the raw results were not kept. */
  origin: z.string().optional(),
  entries: z.array(figures).min(1),
});
export type SectionFigures = z.infer<typeof sectionFigures>;

export type Store = ReadonlyMap<Section, SectionFigures>;

const folderOf = (root: string): string => join(root, 'docs/benchmarks');

/** @param root of the repository. */
export async function saveFigures(root: string, content: SectionFigures): Promise<void> {
  await mkdir(folderOf(root), { recursive: true });
  const text = JSON.stringify(sectionFigures.parse(content), undefined, 2);
  await writeFile(join(folderOf(root), `${content.section}.json`), `${text}\n`);
}

/** Of each section that was published. @throws naming a file that has another form. */
export async function readStore(root: string): Promise<Store> {
  const found = new Map<Section, SectionFigures>();
  for (const section of sections) {
    const file = join(folderOf(root), `${section}.json`);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    try {
      found.set(section, sectionFigures.parse(JSON.parse(text)));
    } catch (error) {
      throw new Error(`${file} does not have the form of section-figures.ts`, { cause: error });
    }
  }
  return found;
}
