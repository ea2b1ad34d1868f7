/** Puts the figures of a section into the repository. */
import type { Result } from '../result.ts';
import { readStore, saveFigures } from './section-figures.ts';
import { summarise } from './summarise.ts';

/** A result from a busy machine does not replace one from a quiet machine; a second call changes nothing. */
export async function publish(
  result: Result,
  root: string,
  log: (line: string) => void,
): Promise<void> {
  const kept = (await readStore(root)).get(result.section);
  if (result.isBusy && kept?.isBusy === false) {
    log(
      `the machine was busy: docs/benchmarks keeps the figures of ${result.section} of ${kept.date}, which are from a quiet one`,
    );
  } else await saveFigures(root, summarise(result));
}
