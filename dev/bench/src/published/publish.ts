/** Puts the figures of a section into the repository. */
import { count } from '../report/figures.ts';
import type { Result } from '../result.ts';
import { type Figures, readStore, saveFigures, type SectionFigures } from './section-figures.ts';
import { summarise } from './summarise.ts';

/**
 * A trial is not published, a result from a busy machine does not replace one from a quiet machine, and none
 * replaces one with entries that it lacks. A second call changes nothing.
 * @param trial says why it is one; empty if it is none.
 */
export async function publish(
  result: Result,
  root: string,
  trial: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  const kept = (await readStore(root)).get(result.section);
  const reasons = [...trial, ...(kept === undefined ? [] : lessThan(kept, result))];
  if (reasons.length === 0) await saveFigures(root, summarise(result));
  else log(`docs/benchmarks keeps its figures of ${result.section}: ${reasons.join(', ')}`);
}

function lessThan(kept: SectionFigures, { isBusy, entries }: Result): readonly string[] {
  const isMeasured = (wanted: Figures) =>
    entries.some(({ name, size }) => name === wanted.name && size === wanted.size);
  return [
    ...(isBusy && !kept.isBusy ? [`the machine was busy, but not on ${kept.date}`] : []),
    ...kept.entries
      .filter((entry) => !isMeasured(entry))
      .map(
        ({ name, size }) => `${name}${size === undefined ? '' : ` (${count(size)})`} is missing`,
      ),
  ];
}
