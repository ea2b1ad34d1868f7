/**
 * What a section has measured so far, in a file: a benchmark that was stopped goes on with what is missing.
 * The file has a line with the circumstances, then one line of JSON for each measurement.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { quietShare } from './quiet-machine.ts';

const first = z.object({ circumstances: z.string() });
const line = z.object({ key: z.string(), others: z.number(), value: z.json() });
type Line = z.infer<typeof line>;

export interface Progress {
  /**
   * Measures when the machine is quiet, or returns what an earlier run has measured as this key. The value
   * has to survive JSON.
   */
  readonly once: <Value>(key: string, measure: () => Promise<Value>) => Promise<Value>;
  /** The mean share of the processors that others used before each measurement: 0 to 1. */
  readonly others: () => number;
  /** Whether they used too much before any measurement. */
  readonly isBusy: () => boolean;
  /** How many measurements of an earlier run count. */
  readonly found: number;
  /** How many are discarded: of other circumstances, or of a busy machine. */
  readonly discarded: number;
  /** Removes the file, when the result is saved. */
  readonly close: () => Promise<void>;
}

/**
 * Measurements under other circumstances are discarded, and those on a busy machine, if there is patience to repeat them.
 * @param quiet waits for a quiet machine and resolves to the share of its processors that others use.
 */
export async function openProgress(
  file: string,
  circumstances: string,
  { quiet, isPatient }: { readonly quiet: () => Promise<number>; readonly isPatient: boolean },
): Promise<Progress> {
  const before = await earlier(file);
  const kept = before.lines.filter(
    ({ others }) => before.circumstances === circumstances && (!isPatient || others <= quietShare),
  );
  const done = new Map(kept.map((one) => [one.key, one]));
  const found = done.size;
  const shares = () => [...done.values()].map(({ others }) => others);
  await mkdir(dirname(file), { recursive: true });
  // Written again: the last line may be incomplete.
  const lines = [{ circumstances }, ...done.values()].map((one) => `${JSON.stringify(one)}\n`);
  await writeFile(file, lines.join(''));
  return {
    found,
    discarded: before.lines.length - kept.length,
    isBusy: () => shares().some((share) => share > quietShare),
    once: async <Value>(key: string, measure: () => Promise<Value>) => {
      const known = done.get(key);
      if (known !== undefined) return known.value as Value;
      const others = await quiet();
      const value = await measure();
      const text = JSON.stringify({ key, others, value });
      done.set(key, line.parse(JSON.parse(text)));
      await appendFile(file, `${text}\n`);
      return value;
    },
    others: () => shares().reduce((sum, share) => sum + share, 0) / Math.max(1, done.size),
    close: () => rm(file, { force: true }),
  };
}

async function earlier(
  file: string,
): Promise<{ readonly circumstances: string | undefined; readonly lines: readonly Line[] }> {
  const [head = '', ...rest] = await readFile(file, 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  return {
    circumstances: parsed(first, head)?.circumstances,
    lines: rest.flatMap((text) => parsed(line, text) ?? []),
  };
}

/** Undefined if the text is not such a line: the process was killed while it wrote. */
function parsed<Form extends z.ZodType>(form: Form, text: string): z.infer<Form> | undefined {
  try {
    return form.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
