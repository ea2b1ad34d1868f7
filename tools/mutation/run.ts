/** The mutation run: each suite is green on the untouched copy, and red without its guard. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../workspace-files.ts';
import { mutate, type Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import { scratchCopy } from './scratch-copy.ts';
import { runSuite } from './suite.ts';
import { judge, type Outcome, table } from './table.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Returns the exit code: 0 when every mutation was caught. */
export async function run(wanted: readonly string[]): Promise<number> {
  const chosen = mutations.filter(
    ({ guard, caughtBy }) =>
      wanted.length === 0 || wanted.some((part) => `${guard} ${caughtBy}`.includes(part)),
  );
  await using copy = await scratchCopy();
  const outcomes: Outcome[] = [];
  const suites = Map.groupBy(chosen, ({ caughtBy, named = '' }) => `${caughtBy} ${named}`);
  for (const [name, ofSuite] of suites) {
    if (!(await isGreen(copy.folder, name, ofSuite))) continue;
    for (const mutation of ofSuite) {
      const outcome = await tryOut(copy.folder, mutation);
      outcomes.push(outcome);
      say(`${outcome.verdict.padEnd(12)} ${mutation.guard}`);
      if (outcome.verdict === 'SUITE BROKEN') say(outcome.broken ?? '');
    }
  }
  await publish(outcomes);
  const caught = outcomes.filter(({ verdict }) => verdict === 'caught').length;
  say(`${String(caught)} of ${String(chosen.length)} mutations caught`);
  return caught === chosen.length ? 0 : 1;
}

async function tryOut(folder: string, mutation: Mutation): Promise<Outcome> {
  const path = join(folder, mutation.file);
  const whole = await readFile(path, 'utf8');
  await writeFile(path, mutate(whole, mutation));
  const outcome = judge(mutation, await runSuite(folder, mutation));
  await writeFile(path, whole);
  return outcome;
}

/** A suite that is red already would catch anything. */
async function isGreen(
  folder: string,
  name: string,
  [first]: readonly Mutation[],
): Promise<boolean> {
  if (first === undefined) return false;
  const { passed, failed, broken } = await runSuite(folder, first);
  if (passed > 0 && failed.length === 0 && broken === undefined) return true;
  say(`NOT GREEN without any mutation: ${name}\n  ${failed.join('\n  ')}${broken ?? ''}`);
  return false;
}

/** Rows of guards that this run left out stay as they were. */
async function publish(outcomes: readonly Outcome[]): Promise<void> {
  const path = join(root, 'docs/mutations.md');
  const before = await readFile(path, 'utf8').catch(() => '');
  const style = await resolveConfig(path);
  await writeFile(path, await format(table(outcomes, before), { ...style, filepath: path }));
}
