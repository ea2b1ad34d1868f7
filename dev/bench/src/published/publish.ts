/** Puts the figures of a section into the repository. */
import { count } from '../report/figures.ts';
import type { Result } from '../result.ts';
import { readStore, saveFigures, type SectionFigures, type Store } from './section-figures.ts';
import { documents, writeDocuments } from './documents.ts';
import { outdated } from './measured-versions.ts';
import { summarise } from './summarise.ts';

/**
 * Saves the figures and writes the documents. A trial is not published, and no result replaces figures that say more:
 * from a quiet machine, with entries that it lacks, of other rows, or that a document quotes in a way that it cannot fill.
 * A second call changes nothing.
 * @param trial says why it is one; empty if it is none.
 */
export async function publish(
  result: Result,
  root: string,
  trial: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  const store = await readStore(root);
  const kept = store.get(result.section);
  const figures = summarise(result);
  const next = new Map(store).set(result.section, figures);
  const reasons = [...trial, ...(kept === undefined ? [] : await lessThan(kept, figures, root))];
  if (reasons.length === 0) reasons.push(...unquotable(root, next));
  if (reasons.length > 0) {
    log(`docs/benchmarks keeps its figures of ${result.section}: ${reasons.join(', ')}`);
    return;
  }
  await saveFigures(root, figures);
  await writeDocuments(root, next);
}

function unquotable(root: string, store: Store): readonly string[] {
  try {
    documents(root, store);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function lessThan(
  kept: SectionFigures,
  { isBusy, entries }: SectionFigures,
  root: string,
): Promise<readonly string[]> {
  const isWorse = isBusy && !kept.isBusy && (await outdated(kept, root)).length === 0;
  return [
    ...(isWorse ? [`the machine was busy, but not on ${kept.date}`] : []),
    ...kept.entries.flatMap(({ name, size, rows }) => {
      const now = entries.find((entry) => entry.name === name && entry.size === size);
      const title = `${name}${size === undefined ? '' : ` (${count(size)})`}`;
      if (now === undefined) return [`${title} is missing`];
      if (now.rows === rows) return [];
      return [`${title} has ${countOf(now.rows)} rows instead of ${countOf(rows)}`];
    }),
  ];
}

const countOf = (rows: number | undefined): string => (rows === undefined ? 'no' : count(rows));
